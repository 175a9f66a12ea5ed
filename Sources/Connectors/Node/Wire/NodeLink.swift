package import Canonical
package import Contracts
package import NodeSecurity
package import World

/// What both ends of the link agree on.
package enum NodeLink {
    /// The signature of a batch: everything that says what it is, over the compressed bytes.
    package static let batchSignature = MessageSignature(
        components: ["@method", "@path", "content-digest", "content-encoding", "millwright-stream", "millwright-time"],
        tag: "millwright-batch")
    /// The signature of an edge's question for commands; what it has stored stands in the query.
    package static let pollSignature = MessageSignature(
        components: ["@method", "@path", "@query", "millwright-time"], tag: "millwright-poll")
    /// The sender's clock: RFC 3339.
    package static let timeField = "Millwright-Time"
    package static let batchType = "application/cloudevents-batch+json"

    /// Where a node's batches go.
    package static func batchPath(_ node: NodeID) -> String {
        "/v1/nodes/\(PercentCoding.encode(node.rawValue))/batches"
    }
    /// Where a node asks for commands.
    package static func commandPath(_ node: NodeID) -> String {
        "/v1/nodes/\(PercentCoding.encode(node.rawValue))/commands"
    }

    /// Whether `node` could be a node's name: 1 to 64 letters, digits, `-`, `_`, `.`.
    static func isName(_ node: NodeID) -> Bool {
        (1...64).contains(node.rawValue.utf8.count)
            && node.rawValue.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-_.".utf8.contains(byte)
                }
            }
    }

    /// The plant of an event: the first segment of its source (`/{plant}/{asset}`); nil where it has no such form.
    package static func plant(of source: String) -> Substring? {
        let parts = source.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].isEmpty && !parts[1].isEmpty ? parts[1] : nil
    }

    /// The asset or system of an event: the last segment of its source.
    package static func system(of source: String) -> Substring? { source.split(separator: "/").last }

    /// A duration for people: `4 s`, `95 min`, `3 d`.
    static func words(_ duration: Duration) -> String {
        let seconds = abs(duration.components.seconds)
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7_200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}

/// The hub as an edge reaches it: always over TLS, every request signed.
package struct HubAddress: Sendable {
    /// `https://hub.example:8443`, without a slash at its end.
    package let url: String
    package let node: NodeID
    package let key: NodeKey
    package let trust: Trust

    /// Throws ``NodeFailures/settings`` for anything but an `https://` address: there is no way to turn TLS off.
    package init(_ url: String, node: NodeID, key: NodeKey, trust: Trust) throws(Failure) {
        guard url.hasPrefix("https://"), url.utf8.count > 8, url.utf8.count < 2_000, !url.contains("?") else {
            throw Failure(NodeFailures.settings, "the hub's address \(url.prefix(80)) is no https:// address")
        }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.node = node
        self.key = key
        self.trust = trust
    }

    /// What a person does at the hub so that it takes this node.
    var enrolment: String {
        "Run `millwright enrol \(node) \(key.publicKey)` on the hub. Nothing is lost meanwhile."
    }

    /// A request that failed below HTTP. Whether it arrived or not does not matter: the hub knows a repetition.
    func failure(_ error: NetworkFailure) -> Failure {
        switch error.reason {
        case .untrusted: Failure(NodeFailures.untrusted, "the certificate of \(url) is not accepted: \(error.detail)")
        default: Failure(NodeFailures.unreachable, "\(url) cannot be reached: \(error.detail)")
        }
    }
}
