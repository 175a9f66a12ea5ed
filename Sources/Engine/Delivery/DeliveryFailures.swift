package import Contracts

/// What can go wrong between a flow and a target.
package enum DeliveryFailures {
    package static let expired = FailureKind(
        "DELIV-001", "the command is older than its flow allows",
        remedy: "Check whether it still makes sense; resubmit it to send it all the same, or discard it.")
    package static let unknownOutcome = FailureKind(
        "DELIV-002", "the outcome is unknown",
        remedy: "Look at the target whether it happened. If it did, discard this with a note; if not, resubmit it.")
    package static let ahead = FailureKind(
        "DELIV-003", "the target has more of this node's events than the node",
        remedy:
            "An old copy of this node's store was put back. Stop the node, take the store away, and let it begin a new one: the sources are read again and nothing is doubled."
    )
    package static let behind = FailureKind(
        "DELIV-004", "the target asks for events that this node has trimmed",
        remedy:
            "The target lost its store, or is new. It says with INTAKE-006 what it will never have, and goes on with what there is."
    )
    package static let tooMuch = FailureKind(
        "DELIV-005", "too much is to be compared at once",
        remedy: "Compare a shorter time: give a later --since, or an earlier --until.")
    package static let unclear = FailureKind(
        "DELIV-006", "it cannot be told whether the target still has this",
        remedy: "Compare the record at the target with what was made, and put right by hand what is missing there.")
    package static let correction = FailureKind(
        "DELIV-007", "what a person wrote makes no event",
        remedy: "Write `subject` as a text and `data` as an object with the members that are to change.")
    package static let all = [expired, unknownOutcome, ahead, behind, tooMuch, unclear, correction]
}
