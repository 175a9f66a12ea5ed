package import Canonical
package import Contracts
package import ExactJSON
package import NodeSecurity

/// A command on its way down to an edge: a canonical event with a sequence, an expiry, and the hub's signature over
/// all of it.
package struct DownlinkCommand: Sendable, Hashable {
    /// The command's number in the hub's store.
    package let sequence: Int64
    /// When the hub formed it, and after when it must not be carried out, both by the hub's clock.
    package let issued: Instant
    package let expires: Instant
    package let document: EventDocument
    /// The hub's Ed25519 signature over node, sequence, issued, expires and document.
    package let signature: [UInt8]

    /// Signs a command for the edge `node`.
    package init(
        sequence: Int64, issued: Instant, expires: Instant, document: EventDocument, for node: NodeID, key: NodeKey
    ) throws(Failure) {
        self.sequence = sequence
        self.issued = issued
        self.expires = expires
        self.document = document
        signature = try key.sign(Self.signedBytes(node, sequence, issued, expires, document.bytes))
    }

    /// Whether `key` signed exactly this for `node`: a command for one edge is none for another.
    package func isSigned(by key: NodePublicKey, for node: NodeID) -> Bool {
        key.verifies(signature, of: Self.signedBytes(node, sequence, issued, expires, document.bytes))
    }

    /// What the edge calls it when it says what it has.
    package var token: CommandToken { CommandToken(sequence: sequence, documentID: document.envelope.id) }

    private static func signedBytes(
        _ node: NodeID, _ sequence: Int64, _ issued: Instant, _ expires: Instant, _ document: [UInt8]
    ) -> [UInt8] {
        Array("millwright-command|\(node)|\(sequence)|\(issued)|\(expires)|".utf8) + document
    }

    /// The wire form: `{sequence, issued, expires, document, signature}`. The document is text, so that its very
    /// bytes arrive.
    package var json: JSON {
        [
            "sequence": .int(Int(sequence)), "issued": .string(issued.description),
            "expires": .string(expires.description),
            "document": .string(String(decoding: document.bytes, as: UTF8.self)),
            "signature": .string(Base64.encode(signature)),
        ]
    }

    /// Reads the wire form; nil where something is missing or the document is no event.
    package init?(_ json: JSON, maximumDepth: Int) {
        guard let sequence = json["sequence"]?.int, let issued = json["issued"]?.string.flatMap({ Instant(text: $0) }),
            let expires = json["expires"]?.string.flatMap({ Instant(text: $0) }), let text = json["document"]?.string,
            let document = try? EnvelopeScanner.scan(Array(text.utf8), maximumDepth: maximumDepth),
            let signature = json["signature"]?.string.flatMap({ Base64.decode($0) })
        else { return nil }
        self.sequence = Int64(sequence)
        self.issued = issued
        self.expires = expires
        self.document = document
        self.signature = signature
    }
}

/// Names a command between hub and edge: its number, and a part of its event's id, so that a hub whose store was made
/// anew and which counts from the beginning is never told of an old command that has the same number.
package struct CommandToken: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let sequence: Int64
    /// 16 hexadecimal digits.
    package let mark: String

    package init(sequence: Int64, documentID: String) {
        self.sequence = sequence
        mark = String(Digest.hex(Array(documentID.utf8)).prefix(16))
    }

    /// Reads `17-0123456789abcdef`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count <= 40, parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0,
            parts[1].utf8.count == 16,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.sequence = sequence
        mark = String(parts[1])
    }

    package var description: String { "\(sequence)-\(mark)" }

    package static func < (a: Self, b: Self) -> Bool { (a.sequence, a.mark) < (b.sequence, b.mark) }
}
