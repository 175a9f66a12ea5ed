package import Contracts

/// The settings of the node link and all that the documentation says of it.
package enum NodeSpec {
    static let hub = Field<String>(
        "hub", .url(schemes: ["https"]), required: true, example: "https://hub.example:8443",
        "where the hub listens; always TLS")
    static let timeout = Field<Duration>(
        "timeout", in: .seconds(1)...(.seconds(300)), default: "30s", "how long an answer may take")
    static let compression = Field<String>(
        "compression",
        .choice([.init("gzip", "with a checksum of its own"), .init("deflate", "a few bytes smaller")]),
        default: "gzip",
        "how batches are compressed")
    static let clockTolerance = Field<Duration>(
        "clockTolerance", in: .seconds(60)...(.seconds(30 * 86_400)), default: "24h",
        "how far an edge's clock may be off: more than a minute is reported, more than this is refused")
    static let plants = Field<[String: [String]]>(
        FieldSpec(
            "plants", .map(.oneOrMany(.reference(.plant))), example: "{ lyon-edge: lyon }",
            "the plants that a node may send events of; a node that is not named may send of any")
    ) { value in
        guard case .map(let pairs) = value else { return nil }
        var table: [String: [String]] = [:]
        for (key, value) in pairs {
            guard case .list(let names) = value else { return nil }
            table[key] = names.compactMap { if case .text(let text) = $0 { text } else { nil } }
        }
        return table
    }

    static let hubKey = Field<String>(
        "hubKey", required: true, example: "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
        "the hub's public key, as `millwright keygen --show FILE` prints it on the hub: what it did not sign is refused"
    )
    static let edge = Field<String>(
        "edge", .name, required: true, example: "lyon-edge", "the node that the commands are for")
    static let edgePlant = Field<String>(
        "edgePlant", .reference(.plant), required: true, example: "lyon",
        "the edge's plant: stands in the source of what it is told")
    static let validity = Field<Duration>(
        "validity", in: .seconds(10)...(.seconds(30 * 86_400)), default: "24h",
        "how long after its fact a command holds; an older one dies, at the hub, on the way and at the edge")

    /// `protocol: hub` as a target: an edge's way to its hub.
    package static let uplink = ConnectorSpec(
        name: "hub", role: .target,
        summary: "Sends every event to a hub over TLS: in order per lane, compressed, signed with the node's key.",
        fields: [hub.spec, timeout.spec, compression.spec],
        example: """
            target: uplink
            protocol: hub
            hub: https://hub.example:8443
            """,
        promises: [
            "The hub has each event once and in order: it knows the place of each in this node's stream, and this node "
                + "goes on only from where the hub says that it is, also after the hub was restored from a backup.",
            "While the hub is away, busy, or has not enrolled this node, events stay in this node's store.",
            "Other events under numbers that the hub has are refused and audited there; the lane waits for a person.",
        ])

    /// `protocol: edges` as a source: a hub's way in.
    package static let intake = ConnectorSpec(
        name: "edges", role: .source, summary: "Takes the batches of enrolled nodes at the node's listener.",
        fields: [clockTolerance.spec, plants.spec],
        example: """
            source: edges
            protocol: edges
            clockTolerance: 24h
            """,
        promises: [
            "A batch is stored whole or not at all, and answered only when it is durable.",
            "Nothing is inflated before an enrolled key of that very node has signed the compressed bytes.",
            "An event in a signed batch that cannot be read is kept for a person, and the rest of the batch is stored.",
            "A refused batch is kept with its bytes; of what strangers send, the first ones and then one a minute.",
        ])

    /// `protocol: edge` as a target: a hub's way down to one edge.
    package static let downlinkTarget = ConnectorSpec(
        name: "edge", role: .target,
        summary: "Tells one edge what it must know: released and closed orders, signed, with an expiry.",
        fields: [edge.spec, edgePlant.spec, validity.spec, timeout.spec, clockTolerance.spec],
        operations: DownlinkTarget.operations,
        example: """
            target: lyon-edge
            protocol: edge
            edge: lyon-edge
            edgePlant: lyon
            validity: 24h
            """,
        promises: [
            "A command is done when the edge has said that it is durable there; it becomes one event however often it is sent.",
            "A command older than `validity` is never carried out, even where it arrives late; a person sees it.",
            "The edge opens the connection. While it does not, commands wait here and are tried again.",
            "After a lost answer the edge is asked what it has before anything is sent again.",
        ])

    /// `protocol: hub` as a source: an edge's ear for its hub.
    package static let downlinkSource = ConnectorSpec(
        name: "hub", role: .source,
        summary:
            "Asks a hub for commands and stores them as events: released orders become the context of their assets.",
        fields: [hub.spec, hubKey.spec, timeout.spec],
        example: """
            source: orders
            protocol: hub
            hub: https://hub.example:8443
            hubKey: ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
            """,
        promises: [
            "Only what the pinned hub key signed for this very node is taken, only orders, and only before its expiry by "
                + "the hub's time, whatever this node's own clock says.",
            "The hub hears that a command is here only when it is durable.",
        ])

    /// The hub's host and port, of a source or target that speaks to one; nil where the settings name none.
    package static func hubAddress(of settings: Settings) -> (host: String, port: Int)? {
        guard let text = try? settings(hub), let start = text.range(of: "://")?.upperBound else { return nil }
        let authority = text[start...].prefix { $0 != "/" && $0 != "?" }.lowercased()
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else { return (authority, 443) }
        let host = authority[..<colon].filter { $0 != "[" && $0 != "]" }
        return Int(authority[authority.index(after: colon)...]).map { (host, $0) }
    }

    /// The node that a target tells what it must know; nil where the settings name none.
    package static func edgeName(of settings: Settings) -> String? { try? settings(edge) }
}
