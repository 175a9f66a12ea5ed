import Canonical
package import ExactJSON
package import Store

/// What a text names: the ways of its events, and how far they were looked for.
package struct TraceFindings: Sendable {
    package let traces: [EventTrace]
    /// Nil where what the events are called was enough.
    package let reach: EntrySearch.Reach?

    /// Nothing was looked for.
    static let none = TraceFindings(traces: [], reach: nil)

    /// Of a node that runs: others look and store meanwhile.
    package static func find(_ text: String, limit: Int, in store: Store) async throws -> TraceFindings {
        let search = try await store.find(text, limit: limit)
        let entries = search.entries
        return TraceFindings(
            traces: try await store.look { try EventTrace.ways(of: entries, $0) }, reach: search.reach)
    }

    /// Of a store from another process.
    package static func find(_ text: String, limit: Int, in store: StoreReader) throws -> TraceFindings {
        let search = try store.find(text, limit: limit)
        return TraceFindings(
            traces: try store.read { try EventTrace.ways(of: search.entries, $0) }, reach: search.reach)
    }

    /// What may be looked for.
    package static let wanted =
        "an event's id, a subject such as an order, a lot, an asset, or the line of a file that a record begins in "
        + "(Job.sdc:14) is wanted"

    /// How far was looked; nil where what the events are called was enough.
    package var reachText: String? { reach.map { "looked through what \($0.words) hold" } }

    /// As the interface's description has it.
    package var json: JSON { ["events": .array(traces.map(\.json)), "looked": reachJSON] }

    private var reachJSON: JSON {
        guard let reach else { return .null }
        return [
            "events": .int(reach.events), "since": reach.since.map { .string($0.description) } ?? .null,
            "whole": .bool(reach.isWhole),
        ]
    }
}
