import Foundation
import Glibc
import Testing
import World
import WorldLive

@Suite("the live disk")
struct LiveDiskTests {
    let disk = LiveDisk()
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "millwright-disk-\(UUID().uuidString)"
        try disk.makeDirectory(folder + "/a/b")
    }

    private func cleanUp() { try? FileManager.default.removeItem(atPath: folder) }

    private func text(_ path: String) throws -> String {
        String(decoding: try disk.read(path, from: 0, upTo: 1 << 20), as: UTF8.self)
    }

    @Test("appending returns the size before and keeps what was there")
    func append() throws {
        defer { cleanUp() }
        let path = folder + "/log"
        #expect(try disk.append(Array("one\n".utf8), to: path, sync: true) == 0)
        #expect(try disk.append(Array("two\n".utf8), to: path, sync: false) == 4)
        #expect(try text(path) == "one\ntwo\n")
    }

    @Test(
        "reading gives at most what was asked for and nothing behind the end",
        arguments: [(0, 3, "abc"), (2, 100, "cdef"), (6, 10, ""), (99, 10, ""), (0, 0, ""), (-5, 2, "ab")])
    func read(offset: Int, count: Int, expected: String) throws {
        defer { cleanUp() }
        let path = folder + "/file"
        try disk.append(Array("abcdef".utf8), to: path, sync: false)
        #expect(String(decoding: try disk.read(path, from: offset, upTo: count), as: UTF8.self) == expected)
    }

    @Test("a listing is sorted, tells folders, and follows links")
    func list() throws {
        defer { cleanUp() }
        try disk.append([], to: folder + "/z.txt", sync: false)
        try disk.append([], to: folder + "/É.txt", sync: false)
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/a")
        #expect(
            try disk.list(folder) == [
                DiskEntry(name: "a", isDirectory: true), DiskEntry(name: "link", isDirectory: true, isLink: true),
                DiskEntry(name: "z.txt", isDirectory: false), DiskEntry(name: "É.txt", isDirectory: false),
            ])
    }

    @Test("a name that is no UTF-8 is listed with escapes, and said to be one")
    func brokenNames() throws {
        defer { cleanUp() }
        let name = Array("\(folder)/Gr".utf8) + [0xF6] + Array(".csv".utf8) + [0]
        let path = name.map { CChar(bitPattern: $0) }
        let descriptor = creat(path, 0o644)
        #expect(descriptor >= 0)
        close(descriptor)
        defer { unlink(path) }
        #expect(
            try disk.list(folder) == [
                DiskEntry(name: "Gr\\xF6.csv", isDirectory: false, isNameBroken: true),
                DiskEntry(name: "a", isDirectory: true),
            ])
    }

    @Test("replacing swaps the whole file, sets its mode and leaves no temporary file")
    func replace() throws {
        defer { cleanUp() }
        let path = folder + "/key"
        try disk.replace(path, with: Array("old and long".utf8), mode: 0o644)
        try disk.replace(path, with: Array("new".utf8), mode: 0o600)
        #expect(try text(path) == "new")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try disk.list(folder).map(\.name) == ["a", "key"])
    }

    @Test("a reader of a file that is replaced all the time sees the old or the new one, never a part")
    func replaceIsAtomic() async throws {
        defer { cleanUp() }
        let path = folder + "/state"
        let disk = disk
        try disk.replace(path, with: [UInt8](repeating: 0, count: 50_000), mode: 0o644)
        try await withThrowingTaskGroup { group in
            group.addTask {
                for round in 1...60 {
                    try disk.replace(path, with: [UInt8](repeating: UInt8(round), count: 50_000), mode: 0o644)
                }
            }
            group.addTask {
                for _ in 1...300 {
                    let bytes = try disk.read(path, from: 0, upTo: 100_000)
                    #expect(bytes.count == 50_000)
                    #expect(Set(bytes).count == 1)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("moving keeps the file's identity and refuses a name that is taken")
    func move() throws {
        defer { cleanUp() }
        try disk.append(Array("1".utf8), to: folder + "/in", sync: false)
        try disk.append(Array("2".utf8), to: folder + "/taken", sync: false)
        let identity = try disk.status(folder + "/in")?.identity
        #expect(throws: DiskFailure.self) { try disk.move(folder + "/in", to: folder + "/taken") }
        #expect(reason { try disk.move(folder + "/in", to: folder + "/taken") } == .exists)
        #expect(try text(folder + "/taken") == "2")
        try disk.move(folder + "/in", to: folder + "/a/b/done")
        #expect(try disk.status(folder + "/in") == nil)
        #expect(try disk.status(folder + "/a/b/done")?.identity == identity)
        #expect(reason { try disk.move(folder + "/in", to: folder + "/elsewhere") } == .notFound)
    }

    @Test("moving a folder refuses a name that is taken")
    func moveFolder() throws {
        defer { cleanUp() }
        try disk.append(Array("1".utf8), to: folder + "/a/file", sync: false)
        try disk.move(folder + "/a", to: folder + "/c")
        #expect(try text(folder + "/c/file") == "1")
        try disk.makeDirectory(folder + "/a")
        #expect(reason { try disk.move(folder + "/a", to: folder + "/c") } == .exists)
    }

    @Test("a move that was cut off between its two steps is completed by the next one")
    func moveAfterCrash() throws {
        defer { cleanUp() }
        try disk.append(Array("1".utf8), to: folder + "/in", sync: false)
        try FileManager.default.linkItem(atPath: folder + "/in", toPath: folder + "/done")
        try disk.move(folder + "/in", to: folder + "/done")
        #expect(try disk.status(folder + "/in") == nil)
        #expect(try text(folder + "/done") == "1")
    }

    @Test("truncating shortens and never lengthens")
    func truncate() throws {
        defer { cleanUp() }
        let path = folder + "/file"
        try disk.append(Array("abcdef".utf8), to: path, sync: false)
        try disk.truncate(path, to: 2)
        #expect(try text(path) == "ab")
        #expect(throws: DiskFailure.self) { try disk.truncate(path, to: 3) }
    }

    @Test("removing what is not there does nothing")
    func remove() throws {
        defer { cleanUp() }
        try disk.append([], to: folder + "/file", sync: false)
        try disk.remove(folder + "/file")
        try disk.remove(folder + "/file")
        #expect(try disk.status(folder + "/file") == nil)
    }

    @Test("making a folder that is there does nothing, a file in its place is said")
    func makeDirectory() throws {
        defer { cleanUp() }
        try disk.makeDirectory(folder + "/a/b")
        try disk.append([], to: folder + "/file", sync: false)
        #expect(reason { try disk.makeDirectory(folder + "/file") } == .exists)
    }

    @Test("syncing what a killed process left syncs the file's name too, and appending to it later does not")
    func syncOfNames() throws {
        defer { cleanUp() }
        let path = folder + "/log"
        try disk.append(Array("one\n".utf8), to: path, sync: false)
        let left = try opens(of: folder) { try disk.append([], to: path, sync: true) }
        let known = try opens(of: folder) { try disk.append([1], to: path, sync: true) }
        try disk.append([], to: folder + "/empty", sync: false)
        let empty = try opens(of: folder) { try disk.append([1], to: folder + "/empty", sync: true) }
        #expect(left > 0 && known == 0 && empty > 0, "\(left), \(known), \(empty)")
    }

    @Test("what is no regular file is refused instead of being waited for")
    func pipe() throws {
        defer { cleanUp() }
        #expect(mkfifo(folder + "/pipe", 0o600) == 0)
        #expect(throws: DiskFailure.self) { try disk.read(folder + "/pipe", from: 0, upTo: 10) }
    }

    @Test("a failure says what was tried, where, and the system's words")
    func words() throws {
        defer { cleanUp() }
        do {
            _ = try disk.read(folder + "/none", from: 0, upTo: 1)
            Issue.record("it must not be there")
        } catch {
            #expect(error.reason == .notFound)
            #expect(error.description == "cannot read \(folder)/none: No such file or directory")
        }
        #expect(reason { try disk.append([], to: folder + "/a/b/c/d", sync: false) } == .notFound)
        #expect(reason { try disk.read(folder + "/x\u{0}y", from: 0, upTo: 1) } == .other)
    }

    @Test("a disk that is full is told apart, and no half record stays behind", .enabled(if: isRoot))
    func full() throws {
        defer { cleanUp() }
        let mount = folder + "/a"
        // Where containers may not mount, there is nothing to test with.
        guard run("/bin/mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount) == 0 else { return }
        defer { _ = run("/bin/umount", mount) }
        #expect(try disk.freeBytes(at: mount) <= 64 << 10)
        let record = [UInt8](repeating: 1, count: 10_000)
        var before = 0
        let reason = reason {
            for _ in 0..<20 { before = try disk.append(record, to: mount + "/log", sync: true) + record.count }
        }
        #expect(reason == .full)
        #expect(try disk.status(mount + "/log")?.size == before)
        #expect(
            self.reason { try disk.replace(mount + "/other", with: [UInt8](repeating: 1, count: 100_000), mode: 0o600) }
                == .full)
        #expect(try disk.list(mount).map(\.name) == ["log"])
    }

    @Test("a folder that may not be written is told apart", .enabled(if: !isRoot))
    func denied() throws {
        defer { cleanUp() }
        #expect(reason { try disk.append([1], to: "/proc/version", sync: false) } == .denied)
    }

    private func reason(_ body: () throws -> some Any) -> DiskFailure.Reason? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? DiskFailure)?.reason
        }
    }
}

/// How often the folder itself was opened meanwhile, which nothing does to its files but a sync of their names.
private func opens(of folder: String, _ body: () throws -> Int) throws -> Int {
    let watch = inotify_init1(O_NONBLOCK)
    defer { close(watch) }
    guard watch >= 0, inotify_add_watch(watch, folder, UInt32(IN_OPEN)) >= 0 else {
        throw CocoaError(.fileReadUnknown)
    }
    _ = try body()
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = Glibc.read(watch, &buffer, buffer.count)
    var opens = 0
    var offset = 0
    // Each event: watch, mask, cookie, length of the name that follows (inotify(7)); the folder itself has no name.
    while offset + 16 <= count {
        let (mask, length) = buffer.withUnsafeBytes { bytes in
            (
                bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
            )
        }
        if mask & UInt32(IN_ISDIR) != 0, length == 0 { opens += 1 }
        offset += 16 + Int(length)
    }
    return opens
}

let isRoot = geteuid() == 0

func run(_ program: String, _ arguments: String...) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
}
