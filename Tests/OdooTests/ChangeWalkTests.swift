import Canonical
import ExactJSON
import Testing

@testable import OdooConnector

@Suite("going through what was written")
struct ChangeWalkTests {
    /// A table as Odoo has it: it keeps fractions of seconds, sorts by them and does not show them.
    private struct Table {
        static let start = Instant(microseconds: 1_770_000_000_000_000)
        /// When each record was written, in microseconds after the start.
        var written: [Int: Int64] = [:]

        func rows(_ domain: [JSON], _ order: String, _ limit: Int) -> [ChangeWalk.Row] {
            let from = Self.bound(domain[0]), to = domain.count > 1 ? Self.bound(domain[1]) : .max
            let after = domain.count > 2 ? domain[2][2]?.int ?? 0 : 0
            let found = written.filter { $0.value >= from && $0.value < to && $0.key > after }
            let sorted = found.sorted {
                order == "id" ? $0.key < $1.key : ($0.value, $0.key) < ($1.value, $1.key)
            }
            return sorted.prefix(limit).map {
                ChangeWalk.Row(id: $0.key, stamp: (Self.start + .microseconds($0.value)).odooText)
            }
        }

        /// What a term of a domain compares with.
        private static func bound(_ term: JSON) -> Int64 {
            Instant(text: (term[2]?.string ?? "") + "Z")?.since(start).microseconds ?? .min
        }

        func second(_ id: Int) -> Int64 { (written[id] ?? 0) / 1_000_000 }
    }

    /// The ids that a walk meets, in its order; `meanwhile` happens after each part.
    private static func walk(
        _ table: inout Table, from second: Int64, limit: Int, meanwhile: (inout Table, inout [Int]) -> Void
    ) -> [Int]? {
        var walk = ChangeWalk(from: (Table.start + .seconds(second)).odooText, limit: limit)
        var met: [Int] = []
        for _ in 0..<10_000 {
            guard let (domain, order) = walk.next else { return met }
            met += walk.take(table.rows(domain, order, limit))
            if walk.next != nil { meanwhile(&table, &met) }
        }
        return nil
    }

    private static func table(_ random: inout SeededGenerator) -> Table {
        var table = Table()
        // Many in one second, as an import writes them, and some alone.
        let seconds = Int64.random(in: 1...12, using: &random)
        for id in 1...Int.random(in: 1...80, using: &random) {
            let second = Bool.random(using: &random) ? 0 : Int64.random(in: 0..<seconds, using: &random)
            table.written[id] = second * 1_000_000 + Int64.random(in: 0..<1_000_000, using: &random)
        }
        return table
    }

    @Test("however small the parts, each record from there on is met once, second by second", arguments: 0..<300)
    func all(_ seed: Int) throws {
        var random = SeededGenerator(UInt64(seed))
        var table = Self.table(&random)
        let from = Int64.random(in: 0...3, using: &random), limit = Int.random(in: 1...30, using: &random)
        let walked = Self.walk(&table, from: from, limit: limit) { _, _ in }
        let met = try #require(walked, "seed \(seed): the walk has no end")
        let expected = table.written.keys.filter { table.second($0) >= from }
        #expect(met.count == Set(met).count && Set(met) == Set(expected), "seed \(seed)")
        let seconds = met.map(table.second)
        #expect(seconds == seconds.sorted(), "seed \(seed): a mark could get ahead")
    }

    @Test("what is written while the walk goes on is met again, and hides nothing", arguments: 0..<300)
    func meanwhile(_ seed: Int) throws {
        var random = SeededGenerator(UInt64(seed))
        var table = Self.table(&random)
        var (now, left) = (Int64(20_000_000), 40)
        let limit = Int.random(in: 1...10, using: &random)
        let walked = Self.walk(&table, from: 0, limit: limit) { table, met in
            guard left > 0, let id = table.written.keys.sorted().randomElement(using: &random) else { return }
            (now, left) = (now + 1_500_000, left - 1)
            table.written[id] = now
            met.removeAll { $0 == id }
        }
        let met = try #require(walked, "seed \(seed): the walk has no end")
        #expect(Set(met) == Set(table.written.keys), "seed \(seed)")
    }
}
