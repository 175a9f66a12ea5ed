import Foundation
import Testing
import World

@testable import FilesConnector

/// Whoever may put files into a drop folder must not get at what the node alone may read.
@Suite("Paths out of a drop folder")
struct DropPathTests {
    /// A disk of entries by folder; nothing can be read.
    private struct Entries: Disk {
        var folders: [String: [DiskEntry]]

        func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] {
            guard let entries = folders[directory] else {
                throw DiskFailure(operation: "list", path: directory, reason: .notFound, detail: "")
            }
            return entries
        }
        func status(_ path: String) throws(DiskFailure) -> FileStatus? { nil }
        func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] { [] }
        func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int { 0 }
        func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) {}
        func move(_ path: String, to destination: String) throws(DiskFailure) {}
        func truncate(_ path: String, to size: Int) throws(DiskFailure) {}
        func remove(_ path: String) throws(DiskFailure) {}
        func makeDirectory(_ path: String) throws(DiskFailure) {}
        func freeBytes(at path: String) throws(DiskFailure) -> Int { 0 }
    }

    private let disk = Entries(folders: [
        "/shop/in": [
            DiskEntry(name: "orders.csv", isDirectory: false),
            DiskEntry(name: "passwd.csv", isDirectory: false, isLink: true),
            DiskEntry(name: "etc", isDirectory: true, isLink: true), DiskEntry(name: "sub", isDirectory: true),
        ],
        "/shop/in/etc": [DiskEntry(name: "shadow", isDirectory: false)],
        "/shop/in/sub": [
            DiskEntry(name: "a.csv", isDirectory: false), DiskEntry(name: "key", isDirectory: false, isLink: true),
        ],
    ])

    @Test("links are passed over and named")
    func links() throws {
        let pattern = try #require(GlobPattern("**"))
        let found = try FolderScan(root: "/shop/in", pattern: pattern, maximum: 100, followsLinks: false).run(disk)
        #expect(found.paths == ["orders.csv", "sub/a.csv"])
        #expect(Set(found.failures.map(\.path)) == ["/shop/in/passwd.csv", "/shop/in/etc", "/shop/in/sub/key"])
    }

    @Test("where the settings name the folder of a machine, its links are followed")
    func followed() throws {
        let pattern = try #require(GlobPattern("**"))
        let found = try FolderScan(root: "/shop/in", pattern: pattern, maximum: 100).run(disk)
        #expect(found.paths == ["etc/shadow", "orders.csv", "passwd.csv", "sub/a.csv", "sub/key"])
    }
}
