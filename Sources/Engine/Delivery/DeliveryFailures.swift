package import Contracts

/// What can go wrong between a flow and a target.
package enum DeliveryFailures {
    package static let expired = FailureKind(
        "DELIV-001", "the command is older than its flow allows",
        remedy: "Check whether it still makes sense; resubmit it to send it all the same, or discard it.")
    package static let unknownOutcome = FailureKind(
        "DELIV-002", "the outcome is unknown",
        remedy: "Look at the target whether it happened. If it did, discard this with a note; if not, resubmit it.")
    package static let all = [expired, unknownOutcome]
}
