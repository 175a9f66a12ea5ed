package import Contracts

/// What can go wrong while an event is mapped.
package enum RoutingFailures {
    package static let unreadable = FailureKind(
        "ROUTE-001", "the event's document cannot be read",
        remedy: "Look at the original; the source that sent it must send proper JSON.")
    package static let predicate = FailureKind(
        "ROUTE-002", "the flow's predicate failed",
        remedy: "Correct `when.where` of the flow, then resubmit this.")
    package static let map = FailureKind(
        "ROUTE-003", "the flow's map failed", remedy: "Correct the map or the crosswalk table, then resubmit this.")
    package static let mapResult = FailureKind(
        "ROUTE-004", "the flow's map did not give exactly one object",
        remedy: "Let the map give one object, or nothing where no command is wanted; then resubmit this.")
    package static let key = FailureKind(
        "ROUTE-005", "the flow's key or conflict keys could not be made",
        remedy: "Correct `key` or `conflictKeys` of the flow, then resubmit this.")
    package static let arguments = FailureKind(
        "ROUTE-006", "the command lacks what its operation needs",
        remedy: "Correct the map so that it gives all required arguments, then resubmit this.")
    package static let translation = FailureKind(
        "ROUTE-007", "an event of an older version could not be translated",
        remedy: "Correct the program beside the older version's schema, then resubmit this.")
    package static let foreign = FailureKind(
        "ROUTE-008", "an event would change what another system owns",
        remedy: "Change it in the system that owns it. To let this one pass, edit its command and resubmit it; "
            + "where the owner has changed, say so in ownership.yaml and resubmit this.")
    package static let all = [unreadable, predicate, map, mapResult, key, arguments, translation, foreign]
}
