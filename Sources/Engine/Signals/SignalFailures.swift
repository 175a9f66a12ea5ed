package import Contracts

/// What can be wrong with what machines say, seen by the signals: the `SIG` part of the error reference.
package enum SignalFailures {
    package static let notANumber = FailureKind(
        "SIG-001", "A counter or quantity is no number",
        remedy: "Look at the original; correct `tag:` or `field:` of the signal if it names something else")
    package static let steppedBack = FailureKind(
        "SIG-002", "A counter stepped back within its tolerance",
        remedy: "Nothing was taken away; if it happens often, look for a second device that writes the counter")
    package static let fellBack = FailureKind(
        "SIG-003", "A counter fell back without a reset",
        remedy: "Counting goes on from the new value; enter by hand what was made meanwhile")
    package static let jumped = FailureKind(
        "SIG-004", "A counter jumped by more than its maximum step",
        remedy: "The jump was not counted; enter it by hand if it was real, or raise `maximumStep:`")
    package static let unmappedCode = FailureKind(
        "SIG-005", "A state code is not in the signal's map",
        remedy: "Add the code to `map:`; the state before it was kept")
    package static let missingField = FailureKind(
        "SIG-006", "A record lacks a field that the signal needs",
        remedy: "Look at the original; correct the signal's field names or narrow its `on:`")
    package static let unfitEvent = FailureKind(
        "SIG-007", "The event does not fit its shape",
        remedy: "Give the missing or wrong field in the signal's `fields:` or `with:`")
    package static let unknownTag = FailureKind(
        "SIG-008", "A tag or record has no signal",
        remedy: "Add a signal for it, or take `strict: yes` out of the source")
    package static let backwardCycle = FailureKind(
        "SIG-009", "A cycle ended before it began",
        remedy: "The cycle was not counted; look at the machine's clock")
    package static let notACondition = FailureKind(
        "SIG-010", "A condition's level is not known",
        remedy: "Levels are NORMAL, WARNING, FAULT and UNAVAILABLE; list the tag under the source's `conditions:`")
    package static let negativeQuantity = FailureKind(
        "SIG-011", "A quantity is below zero",
        remedy: "Nothing was counted; look at the original")
    package static let unreadableState = FailureKind(
        "SIG-012", "A signal's stored state cannot be read",
        remedy: "Restore the store from its backup, or delete this key of `signal_state`; counting then begins anew")
    package static let tooManyDigits = FailureKind(
        "SIG-013", "A number has too many digits to count with",
        remedy: "Nothing was counted; look at the original")
    package static let notAMaterialCounter = FailureKind(
        "SIG-014", "A material counter cannot be read",
        remedy: "Correct `items:` of the signal: item and quantity are parts of a comma-separated field")
    package static let settings = FailureKind(
        "SIG-015", "A signal cannot work as it is set",
        remedy: "Correct the signal as the message says")

    package static let behindSummary = FailureKind(
        "SIG-016", "Something happened in a shift whose summary does not change any more",
        remedy: "The event itself went its way; correct the shift's figures by hand, or raise `amend:` of the window")

    /// All of them, for the generated reference.
    package static let all: [FailureKind] = [
        notANumber, steppedBack, fellBack, jumped, unmappedCode, missingField, unfitEvent, unknownTag, backwardCycle,
        notACondition, negativeQuantity, unreadableState, tooManyDigits, notAMaterialCounter, settings,
        behindSummary,
    ]
}
