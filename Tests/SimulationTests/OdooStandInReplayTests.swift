import ExactJSON
import Foundation
import Testing

@testable import OdooStandIn

/// The recordings of real servers, played against the stand-in. The shares may rise, never fall.
@Suite("Odoo stand-in against recordings")
struct OdooStandInReplayTests {
    /// The least number of answers reproduced, and the most records left out, by version.
    static let floors: [OdooStandInVersion: (reproduced: Int, skipped: Int)] = [
        .v16: (397, 63), .v17: (403, 98), .v18: (407, 98), .v19: (458, 108),
    ]

    @Test(
        "the stand-in answers as the recorded servers did, at least as often as before",
        .enabled(if: RecordedExchange.folder != nil, "the recordings are not beside the package"),
        arguments: OdooStandInVersion.allCases)
    func replays(version: OdooStandInVersion) throws {
        let report = ReplayReport(try Self.replay(version))
        print(report.text)
        let floor = try #require(Self.floors[version])
        #expect(report.reproduced >= floor.reproduced, "\(report.differences)")
        #expect(report.skippedCount <= floor.skipped)
    }

    @Test(
        "a stand-in that answered something else would not count as reproduced",
        .enabled(if: RecordedExchange.folder != nil, "the recordings are not beside the package"),
        arguments: OdooStandInVersion.allCases)
    func notices(version: OdooStandInVersion) throws {
        let honest = try Self.replay(version)
        let wasReproduced = Set(honest.outcomes.filter { $0.outcome == .reproduced }.map(\.exchange.name))
        // Each recorded answer is changed in one value, whichever comes first; a comparison that still agrees is blind.
        let altered = try Self.replay(version) { $0.altered() }
        var noticed = 0, blind: [String] = []
        for (exchange, outcome, _) in altered.outcomes where wasReproduced.contains(exchange.name) && exchange.isAltered
        {
            if outcome == .reproduced { blind.append(exchange.name) } else { noticed += 1 }
        }
        print("Odoo \(version.series): \(noticed) of \(noticed + blind.count) altered answers noticed; not: \(blind)")
        #expect(noticed > 200)
        #expect(blind.isEmpty)
    }

    private static func replay(
        _ version: OdooStandInVersion, altering: (RecordedExchange) -> RecordedExchange = { $0 }
    ) throws -> Replay {
        let folder = try #require(RecordedExchange.folder)
        let exchanges = try RecordedExchange.all(version: version.rawValue, in: folder)
        var replay = Replay(version: version, exchanges: exchanges, shown: exchanges.map(altering))
        replay.run()
        return replay
    }
}

/// The figures of one replay.
struct ReplayReport {
    let version: OdooStandInVersion
    private(set) var reproduced = 0
    private(set) var compared = 0
    private(set) var differences: [String] = []
    private var groups: [String: (reproduced: Int, compared: Int)] = [:]
    private var skipped: [String: Int] = [:]
    private var wordings: [String] = []
    private var words: (same: Int, of: Int) = (0, 0)

    var skippedCount: Int { skipped.values.reduce(0, +) }

    init(_ replay: Replay) {
        version = replay.version
        for (exchange, outcome, sameWords) in replay.outcomes {
            let group = Self.group(exchange)
            switch outcome {
            case .skipped(let reason): skipped[reason, default: 0] += 1
            case .reproduced:
                reproduced += 1
                compared += 1
                groups[group, default: (0, 0)].reproduced += 1
                groups[group, default: (0, 0)].compared += 1
            case .different(let difference):
                compared += 1
                groups[group, default: (0, 0)].compared += 1
                differences.append("\(exchange.name): \(difference)")
            }
            if let sameWords {
                if !sameWords { wordings.append(exchange.name) }
                words.of += 1
                words.same += sameWords ? 1 : 0
            }
        }
    }

    private static func group(_ exchange: RecordedExchange) -> String {
        guard let model = exchange.call?.model else { return "protocol" }
        if model.hasPrefix("mrp.work") { return "work centers and work orders" }
        if model.hasPrefix("mrp.") || model.hasPrefix("change.production") { return "manufacturing" }
        if model.hasPrefix("stock.") { return "stock" }
        if model.hasPrefix("maintenance.") { return "maintenance" }
        if model.hasPrefix("product.") || model.hasPrefix("uom.") { return "products" }
        return "base"
    }

    var text: String {
        var lines = ["Odoo \(version.series): \(reproduced) of \(compared) recorded answers reproduced"]
        for (name, count) in groups.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(name): \(count.reproduced) of \(count.compared)")
        }
        lines.append(
            "  errors with the same words (digits aside): \(words.same) of \(words.of); other words: \(wordings)")
        lines.append("  skipped: \(skippedCount)")
        for (reason, count) in skipped.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("    \(count) \(reason)")
        }
        lines += differences.map { "  different: \($0.prefix(200))" }
        return lines.joined(separator: "\n")
    }
}
