package import Canonical
package import Contracts
package import ExactJSON

/// Something that waits for a person: what happened, where, why, what to do, and everything needed to try again.
package struct ExceptionRecord: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Input that could not be read.
        case input
        /// A map or a lookup that failed.
        case map
        /// The target refused the command.
        case rejected
        /// The outcome is unknown and the target cannot tell.
        case doubt
        /// The same numbers of an edge's stream came with other bytes.
        case conflict
    }

    package enum State: Int, Sendable { case open = 0, resubmitted = 1, discarded = 2 }

    package var id: Int64 = 0
    package var kind: Kind
    package var created: Instant
    package var source: String?
    package var flow: FlowName?
    package var target: TargetName?
    package var key: OrderingKey?
    package var event: JournalNumber?
    package var eventID: String?
    package var command: Int64?
    package var failure: Failure
    package var origin: String?
    /// The original bytes: of the input, or of the event.
    package var original: [UInt8]
    /// The mapped command's arguments.
    package var arguments: JSON?
    /// Names the fault within its source, so that reading it again does not report it twice.
    package var fact: String?
    package var state: State = .open
    package var settled: Instant?
    package var settledBy: String?
    package var note: String?
    /// Who looks after it.
    package var assignee: String?
    /// Names those that have the same cause: see ``ExceptionCause``.
    package var cause: String = ""

    package init(
        kind: Kind, created: Instant, source: String? = nil, flow: FlowName? = nil, target: TargetName? = nil,
        key: OrderingKey? = nil, event: JournalNumber? = nil, eventID: String? = nil, command: Int64? = nil,
        failure: Failure, origin: String? = nil, original: [UInt8], arguments: JSON? = nil, fact: String? = nil
    ) {
        self.kind = kind
        self.created = created
        self.source = source
        self.flow = flow
        self.target = target
        self.key = key
        self.event = event
        self.eventID = eventID
        self.command = command
        self.failure = failure
        self.origin = origin
        self.original = original
        self.arguments = arguments
        self.fact = fact
    }
}
