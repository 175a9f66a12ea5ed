import Canonical
import ExactJSON
import NodeSettings
import Routing
import Store

/// What came out of a case, in the words in which its file says what must.
struct CaseOutcome {
    private var events: [JSON] = []
    private var commands: JSONObject = [:]
    private var exceptions: [JSON]
    private let contexts: JSONObject

    /// Begins with what the intake set aside, and what is at hand, by asset.
    init(exceptions: [ExceptionRecord], contexts: JSONObject) {
        self.contexts = contexts
        self.exceptions = exceptions.map { record in
            [
                "code": .string(record.failure.kind.code),
                "where": .string(record.origin ?? record.source ?? record.key?.rawValue ?? ""),
                "message": .string(record.failure.message),
            ]
        }
    }

    /// Takes in an event that is stored, and what the flows make of it.
    mutating func add(_ entry: JournalEntry, _ plans: [RoutingPlan]) throws {
        events.append(try JSONReader.read(entry.document.bytes))
        for plan in plans {
            for result in plan.route(entry, now: entry.recorded) {
                switch result {
                case .delivery(let delivery):
                    var list = commands[plan.target.rawValue]?.array ?? []
                    list.append(Self.command(delivery))
                    commands[plan.target.rawValue] = .array(list)
                case .failed(let delivery, let failure, _):
                    exceptions.append([
                        "code": .string(failure.kind.code), "where": .string("flow \(delivery.flow)"),
                        "message": .string(failure.message),
                    ])
                }
            }
        }
    }

    private static func command(_ delivery: Delivery) -> JSON {
        [
            "flow": .string(delivery.flow.rawValue), "operation": .string(delivery.operation),
            "key": .string(delivery.key.rawValue), "lane": .string(delivery.lane.name),
            "conflictKeys": .array(delivery.conflicts.map { .string($0) }), "arguments": delivery.arguments,
        ]
    }

    var sections: [TestCase.Section: JSON] {
        [
            .events: .array(events), .commands: .object(commands), .exceptions: .array(exceptions),
            .context: .object(contexts),
        ]
    }
}
