package import Canonical
package import Contracts
package import NodeSecurity

/// Decides what an edge does with each command that came down: store it, or refuse it with a reason.
package struct CommandScreen: Sendable {
    package let node: NodeID
    package let hubKey: NodePublicKey
    package let limits: Limits

    package init(node: NodeID, hubKey: NodePublicKey, limits: Limits) {
        self.node = node
        self.hubKey = hubKey
        self.limits = limits
    }

    /// Why a command is refused; nil where it is to be stored. `hubNow`: the time at the hub.
    package func objection(to command: DownlinkCommand, hubNow: Instant) -> (PollReport.Reason, Failure)? {
        let envelope = command.document.envelope
        guard command.isSigned(by: hubKey, for: node) else {
            return (
                .signature,
                Failure(
                    NodeFailures.command,
                    "command \(command.sequence) is not signed for \(node) by the key \(hubKey.keyID) (hubKey)")
            )
        }
        guard command.expires > hubNow else {
            return (
                .expired,
                Failure(
                    NodeFailures.expired,
                    """
                    command \(command.sequence) (\(envelope.type), \(envelope.subject ?? "no subject")) expired at \
                    \(command.expires), and it is \(hubNow) at the hub
                    """)
            )
        }
        // An edge takes orders as context from a hub, and nothing else.
        guard DownlinkDocument.types.contains(envelope.type), command.document.bytes.count <= limits.eventBytes else {
            return (
                .content,
                Failure(
                    NodeFailures.command,
                    "command \(command.sequence), \(envelope.type.prefix(100)) of \(command.document.bytes.count) bytes, is one "
                        + "that no hub may give an edge")
            )
        }
        return nil
    }
}
