package import Contracts

/// What can go wrong on the link between two nodes.
package enum NodeFailures {
    package static let unreachable = FailureKind(
        "LINK-001", "the hub cannot be reached",
        remedy:
            "Nothing is lost: it is tried again. Check the hub's address, the network between, and that the hub runs.")
    package static let refused = FailureKind(
        "LINK-002", "the hub does not take this node's requests",
        remedy: "Enrol this node's key at the hub: `millwright enrol NODE KEY`. Nothing is lost meanwhile.")
    package static let conflict = FailureKind(
        "LINK-003", "the hub has other events under this node's numbers",
        remedy: """
            Another node uses this node's name and key, or this node's store is a copy. Give each node a name and a \
            key of its own, and enrol it. This lane waits until then.
            """)
    package static let busy = FailureKind(
        "LINK-004", "the hub takes nothing now",
        remedy: "Nothing is lost: it is tried again. The hub's overview page says what it waits for.")
    package static let answer = FailureKind(
        "LINK-005", "the hub's answer cannot be used",
        remedy: "Check that the address leads to a millwright hub, and that both nodes are of versions that fit.")
    package static let compression = FailureKind(
        "LINK-006", "a batch cannot be compressed or inflated",
        remedy: "It was damaged on its way; the edge sends it again.")
    package static let tooLarge = FailureKind(
        "LINK-007", "a batch is larger than the hub takes",
        remedy:
            "The edge sends smaller batches by itself. One event alone that is too large must be made smaller."
    )
    package static let batch = FailureKind(
        "LINK-008", "a batch or an event of it cannot be read",
        remedy: "Look at the original; the sending node and this one must be of versions that fit.")
    package static let expired = FailureKind(
        "LINK-009", "a command for an edge is too old",
        remedy:
            "Check whether it still makes sense, then resubmit or discard it. The target's `validity` says how long one holds."
    )
    package static let notConnected = FailureKind(
        "LINK-010", "the edge does not ask for commands",
        remedy:
            "Check that the edge runs, reaches this hub, and has a source `protocol: hub`. It is tried again by itself."
    )
    package static let command = FailureKind(
        "LINK-011", "what came down from the hub cannot be trusted",
        remedy: "Put the hub's public key (`millwright keygen --show FILE` on the hub) into this source's `hubKey`.")
    package static let arguments = FailureKind(
        "LINK-012", "a command for an edge lacks something", remedy: "Correct the flow's map, then resubmit this.")
    package static let clock = FailureKind(
        "LINK-013", "a node's clock is too far off",
        remedy: "Set the node's clock (NTP). Nothing is lost; it goes on by itself then.")
    package static let foreign = FailureKind(
        "LINK-014", "an edge sent an event of a plant that is not its own",
        remedy: "Add the plant to the edge's `plants` in the hub's source, or correct the plant in the edge's settings."
    )
    package static let unconfirmed = FailureKind(
        "LINK-015", "the edge did not say whether it has a command",
        remedy: "It is asked as soon as it is connected again; nothing is to be done unless the edge is gone for good.")
    package static let refusedByEdge = FailureKind(
        "LINK-016", "the edge refused a command", remedy: "Mend what its reason says, then resubmit this.")
    package static let settings = FailureKind(
        "LINK-017", "the node link's settings cannot be used",
        remedy: "Correct the settings; the link is always TLS (https://).")
    package static let untrusted = FailureKind(
        "LINK-018", "the hub's certificate is not accepted",
        remedy:
            "Put its authority's certificate into security.roots, and check the name in the hub's address."
    )

    /// Every kind, for the reference of errors.
    package static let all = [
        unreachable, refused, conflict, busy, answer, compression, tooLarge, batch, expired, notConnected, command,
        arguments,
        clock, foreign, unconfirmed, refusedByEdge, settings, untrusted,
    ]
}
