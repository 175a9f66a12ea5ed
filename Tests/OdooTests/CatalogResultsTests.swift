import Foundation
import Testing

@Suite("what the table of operations says of versions that no real server was at hand of")
struct CatalogResultsTests {
    private static let page = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/odoo-operations.md")

    /// The table's cells: operation, then 16, 17, 18 and 19, each by RPC and through the addon.
    private static func rows() throws -> [[String]] {
        try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { line in
                line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces.union(["`"])) }
            }
            .filter { $0.count == 9 && $0[0].contains(".") }
    }

    @Test("each operation that is tried has a row and says which calls it comes down to")
    func complete() throws {
        let operations = CatalogCase.all.map(\.operation).sorted()
        #expect(CatalogResults.calls.keys.sorted() == operations)
        let rows = try Self.rows()
        #expect(rows.map { $0[0] } == operations)
    }

    @Test(
        "recorded is said of plain RPC where the recorded answers of that version show its calls, and nowhere else",
        .enabled(if: Transcripts.versions.count == 4), arguments: [("17", 3), ("18", 5)])
    func recorded(_ version: String, _ column: Int) throws {
        let rows = try Self.rows()
        #expect(rows.count == CatalogCase.all.count)
        for row in rows {
            let mark = CatalogResults.isRecorded(row[0], version) ? "recorded" : "stand-in"
            #expect(row[column] == "never doubled, \(mark)", "\(row[0]) at \(version)")
            #expect(row[column + 1] == "exact, stand-in", "\(row[0]) at \(version)")
        }
        #expect(CatalogResults.isRecorded("production.complete", version))
        for operation in ["attachment.add", "production.unreserve", "activity.done"] {
            #expect(!CatalogResults.isRecorded(operation, version), "\(operation)")
        }
    }
}
