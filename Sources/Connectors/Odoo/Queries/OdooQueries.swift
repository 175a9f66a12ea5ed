package import Contracts
import ExactJSON

/// One question that Odoo answers: what it is called and takes, and how the answer is found. Reads only.
protocol OdooQuery: Sendable {
    var spec: QuerySpec { get }
    func answer(_ query: Query, in session: OdooSession) async throws(OdooError) -> JSON
}

/// The questions of an Odoo target.
enum OdooQueries {
    static let all: [any OdooQuery] = [
        AvailabilityQuery(), ProductionStatusQuery(), ProductionStartQuery(), TradeStatusQuery.sale,
        TradeStatusQuery.purchase, RecordQuery(),
    ]

    static let byName: [String: any OdooQuery] = Dictionary(
        all.map { ($0.spec.name, $0) }, uniquingKeysWith: { first, _ in first })
}

extension OdooTarget {
    /// The questions of every Odoo target.
    package static var queries: [QuerySpec] { OdooQueries.all.map(\.spec) }

    /// Reads what the question is about, over a connection of its own, and decides.
    package func query(_ query: Query) async -> QueryResult {
        guard let question = OdooQueries.byName[query.name] else {
            return .refused(
                Failure(QueryFailures.unknownQuery, "an Odoo target does not know the question \"\(query.name)\""))
        }
        do {
            return .answered(try await question.answer(query, in: inquiries))
        } catch {
            switch error.asRead.verdict {
            case .rejected, .unknown: return .refused(Self.forQuestion(error.failure))
            case .deferred(let after, let isDown):
                return .unavailable(Deferral(error.failure, after: after, isTargetDown: isDown))
            }
        }
    }

    /// The failure's advice, which is written for commands, for somebody who asks.
    private static func forQuestion(_ failure: Failure) -> Failure {
        Failure(
            failure.kind, failure.message, suggestion: failure.suggestion.replacing("resubmit", with: "ask again"),
            detail: failure.detail)
    }
}
