package import Contracts

/// What can go wrong at the intake.
package enum IntakeFailures {
    package static let full = FailureKind(
        "INTAKE-001", "the store is full",
        remedy: "Intake goes on by itself when targets catch up. Look at what is late, or raise store.ceiling.")
    package static let invalid = FailureKind(
        "INTAKE-002", "a canonical event does not have the data that its type says",
        remedy:
            "Correct the signal, the source or the event's data; the reference of canonical events lists the fields.")
    package static let conflict = FailureKind(
        "INTAKE-003", "an edge sent other events under numbers that are stored already",
        remedy:
            """
            Two nodes use the same name and key, or an edge's store was copied. Give each node its own and enrol it \
            again.
            """
    )
    package static let tooLarge = FailureKind(
        "INTAKE-004", "an event is larger than allowed", remedy: "Send less in one event, or raise the limit.")
    package static let otherEvent = FailureKind(
        "INTAKE-005", "another event came under a source and id that are stored already",
        remedy:
            """
            The sender numbers its events anew, or two senders share a name. Give each event an id of its own and send \
            it again.
            """
    )
    package static let missing = FailureKind(
        "INTAKE-006", "events of an edge are neither here nor at the edge any more",
        remedy:
            """
            This hub's store was lost or put back further than the edge keeps. What the hub had of them and not yet \
            posted is lost: compare with the targets, then discard this.
            """
    )
    package static let misfit = FailureKind(
        "INTAKE-007", "an event of a type of your own does not fit its schema",
        remedy:
            """
            Correct the field that is named in the sender and send the event again; or correct the schema under \
            schemas/ if that is what is wrong.
            """
    )
    package static let all = [full, invalid, conflict, tooLarge, otherEvent, missing, misfit]
}
