import Foundation
import Testing

@testable import NodeSettings

@Suite("Folders of the corpus")
struct FolderCorpusTests {
    @Test("a folder gets exactly the faults that are expected of it", arguments: FolderCase.all)
    func faults(_ folder: FolderCase) throws {
        let report = folder.report()
        let found = report.faults.map { "\($0.file):\($0.line):\($0.column) \($0.code)\n" }.joined()
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try (folder.input + FolderCase.separator + found).write(to: folder.url, atomically: true, encoding: .utf8)
        }
        #expect(found == folder.expected, "\(report.printed())")
        #expect((report.folder == nil) == report.hasErrors)
        for fault in report.faults { #expect(!fault.reason.isEmpty && !fault.suggestion.isEmpty) }
    }

    @Test("the corpus covers every code that a folder can show")
    func coverage() {
        let expected = FolderCase.all.map(\.expected).joined()
        // What only connectors, a full disk, a huge folder, a folder's tests or all of a folder together can cause is
        // tested elsewhere: the last of it by planted faults.
        let elsewhere: Set = [
            "SET-001", "SET-003", "SET-038", "SET-080", "SET-081", "SET-082", "SET-083", "SET-095", "SET-096",
            "SET-097", "SET-098", "SET-101", "SET-102", "SET-103", "SET-104", "SET-105", "SET-108", "SET-109",
            "SET-110",
            "SET-111", "SET-112", "SET-113", "SET-114", "SET-115", "SET-116", "SET-117", "SET-118", "SET-119",
            "SET-120",
        ]
        for kind in SettingsFailures.all where !elsewhere.contains(kind.code) {
            #expect(expected.contains(kind.code), "\(kind.code) \(kind.title)")
        }
        #expect(FolderCase.all.count { !$0.expected.isEmpty } >= 60)
    }
}
