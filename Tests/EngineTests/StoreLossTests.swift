import Contracts
import Foundation
import GRDB
import Testing
import World

@testable import Store

/// What a person is told to do about a part of a store that is gone.
@Suite("Lost parts of a store")
struct StoreLossTests {
    private static func loss(_ table: String) -> SalvageReport.Loss {
        SalvageReport.Loss(table: table, rows: nil, lane: nil)
    }

    @Test("a source is asked for what sources send, and for nothing else")
    func advice() {
        #expect(Self.loss("event").advice == nil && Self.loss("all").advice == nil)
        #expect(StoreFailures.lostRows.remedy.contains("Have the source send"))
        #expect(Self.loss("delivery").advice?.contains("millwright replay") == true)
        for table in ["meta", "name", "cursor", "position", "audit", "request", "settings", "pause"] {
            #expect(Self.loss(table).advice?.contains("Nothing of this can be sent again") == true, "\(table)")
        }
    }

    @Test("the exception of a store that was mended says what fits the table")
    func told() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            try await store.write { try $0.keepCursors(of: ["odoo"]) }
            await store.close()
            let page = try Self.firstPage(of: "cursor", in: path)
            try StoreDoctorTests.flip(path, at: UInt64((page.number - 1) * page.size + page.size / 2))

            let report = try #require(try StoreDoctor.repair(path, world: world))
            #expect(report.losses.contains { $0.table == "cursor" }, "\(report)")
            let exceptions = try StoreReader(path: path).read { try $0.exceptions(limit: 10) }
            let lost = try #require(exceptions.first { $0.failure.message.contains("cursor rows") })
            #expect(lost.failure.kind.code == StoreFailures.lostRows.code)
            #expect(lost.failure.suggestion.contains("Nothing of this can be sent again"))
        }
    }

    private static func firstPage(of table: String, in path: String) throws -> (number: Int, size: Int) {
        let queue = try DatabaseQueue(path: StoreAddress(path).url)
        defer { try? queue.close() }
        return try queue.inDatabase { db in
            let number = try Int.fetchOne(
                db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [table])
            return (try #require(number), try #require(try Int.fetchOne(db, sql: "PRAGMA page_size")))
        }
    }
}
