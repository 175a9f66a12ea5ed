import Canonical
import Contracts
import ExactJSON

@testable import OdooConnector

/// JSON of the companion addon or of the store: a page of the outbox, a position, rows that polling sees, answers of
/// the inbox. What is read and kept is read back the same, and nothing is news twice.
enum ChangesInput {
    /// Before this the text of an instant does not say its year.
    private static let earliest = -62_135_596_800_000_000

    static func check(_ choice: UInt8, _ bytes: [UInt8]) throws {
        guard let json = try? JSONReader.read(bytes) else { return }
        switch choice >> 4 {
        case 7: try page(json)
        case 8: try position(json)
        case 9, 10: try polling(json, WatchedModel.all[Int(choice & 15) % WatchedModel.all.count])
        default: try gateway(json)
        }
    }

    private static func isWritable(_ instant: Instant) -> Bool { instant.microseconds >= earliest }

    // MARK: Outbox

    private static func page(_ json: JSON) throws {
        guard let page = OutboxPage(json) else { return }
        try require(page.changes.count == json["rows"]?.array?.count, "rows are lost")
        for change in page.changes where isWritable(change.at) { try readsBack(change) }
        for latest in [nil, Instant(microseconds: 1_700_000_000_000_000)] {
            let start = OutboxPosition(cursor: "c", latest: latest, started: latest)
            try take(page, from: start)
            try take(page, from: start.restarting(page))
        }
    }

    private static func take(_ page: OutboxPage, from start: OutboxPosition) throws {
        let (next, news) = start.taking(page)
        try require(next.cursor == page.cursor && next.started == start.started, "it goes on elsewhere")
        try require(page.more || next.floor == nil, "a history that was read to its end is read on")
        for change in page.changes {
            try require(next.latest.map { $0 >= change.at } ?? false, "a change behind the latest")
            let isNews = start.floor.map { change.at >= $0 } ?? true
            try require(!isNews || news.contains(change), "a change is passed over")
        }
        try require(news.count <= page.changes.count, "more is told than was read")
    }

    private static func readsBack(_ change: OdooChange) throws {
        var row: JSONObject = [
            "model": .string(change.model), "id": .int(change.id), "at": .string(change.at.description),
            "operation": .string(change.operation.rawValue), "before": .object(change.before),
            "values": .object(change.values),
        ]
        row["changed"] = change.changed.map { .array($0.map { .string($0) }) }
        row["user"] = change.user.map { .int($0) }
        row["company"] = change.company.map { .int($0) }
        row["origin"] = change.origin.map { .string($0) }
        try require(OdooChange(outbox: .object(row)) == change, "\(change) reads otherwise")
    }

    private static func position(_ json: JSON) throws {
        guard let position = OutboxPosition(json) else { return }
        let instants = [position.latest, position.started, position.floor].compactMap { $0 }
        guard instants.allSatisfy(isWritable) else { return }
        try require(OutboxPosition(position.json) == position, "\(position) reads otherwise")
    }

    // MARK: Polling

    private static func polling(_ json: JSON, _ model: WatchedModel) throws {
        var memory = PollMemory(model: model, fields: model.fields, overlap: .seconds(600))
        if let index = json["index"] { memory.restore(index, json["shards"]?.array ?? []) }
        // One row a record: the last one.
        var rows: [Int: JSON] = [:]
        for row in json["rows"]?.array ?? [] { if let id = row["id"]?.int { rows[id] = row } }
        let unique = rows.sorted { $0.key < $1.key }.map(\.value)
        for change in memory.look(unique) {
            try require(change.model == model.name && rows[change.id] != nil, "a record that nobody showed")
        }
        let twice = memory.look(unique)
        try require(twice.isEmpty, "news twice: \(twice)")
        var fresh = PollMemory(model: model, fields: model.fields, overlap: .seconds(600))
        _ = fresh.look(unique)
        fresh.settle()
        let positions = fresh.takePositions()
        try require(fresh.takePositions().isEmpty, "positions that did not change are kept again")
        var kept: [JSON] = []
        for position in positions {
            // As the store keeps it.
            guard let read = try? JSONReader.read(position.value.bytes, maximumDepth: 1_000) else {
                throw PropertyViolation(description: "a position is no JSON: \(position.value)")
            }
            kept.append(read)
        }
        guard let index = kept.popLast() else { return }
        var restarted = PollMemory(model: model, fields: model.fields, overlap: .seconds(600))
        restarted.restore(index, kept)
        try require(PollMemory.shards(index).count == kept.count, "\(kept.count) parts are kept")
        let again = restarted.look(unique)
        try require(again.isEmpty, "news once more after a restart: \(again)")
        let gone = restarted.lose(unique.compactMap { $0["id"]?.int }, at: Instant(microseconds: 0))
        try require(restarted.entries.isEmpty && gone.allSatisfy { $0.operation == .unlink }, "it is still there")
    }

    // MARK: Inbox

    private static func gateway(_ json: JSON) throws {
        for index in 0..<3 {
            guard let answer = GatewayAnswer(json, at: index, key: "k") else { continue }
            try require(json["answers"]?[index]?["key"]?.string == "k", "the answer to another operation")
            let error = answer.error
            switch answer.status {
            case .refused: try require(error.verdict != .unknown, "nothing happened, and the fate is open")
            case .held, .deferred:
                guard case .deferred = error.verdict else {
                    throw PropertyViolation(description: "not tried, and called \(error.verdict)")
                }
            case .done: break
            }
            try require(!answer.isOfOtherSteps || answer.status == .done, "other steps of what was not done")
        }
    }
}
