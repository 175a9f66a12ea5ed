import Contracts
import Foundation
import Store
import Testing

@testable import millwright

@Suite("One process for one store")
struct StoreLockTests {
    @Test("a second process is refused with what to do, and takes the store when the first one lets go")
    func exclusive() throws {
        let folder = NSTemporaryDirectory() + "millwright-lock-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // A lock belongs to the opened file, so that two of one process exclude each other as two processes do.
        let first = try StoreLock(folder)
        #expect {
            _ = try StoreLock(folder)
        } throws: { error in
            "\(error)".hasPrefix("STORE-006") && "\(error)".contains(folder)
        }
        first.release()
        try StoreLock(folder).release()
    }

    @Test("where no folder can be made, it is said which, for whom and what to do, in no words of the system's own")
    func closed() throws {
        let file = NSTemporaryDirectory() + "millwright-lock-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: file) }
        // A file in the way keeps root out as well.
        try Data().write(to: URL(fileURLWithPath: file))
        let failure = #expect(throws: Failure.self) { _ = try StoreLock(file + "/data") }
        #expect(failure?.kind == StoreFailures.cannotOpen)
        #expect(failure?.message.contains("\(file)/data") == true && failure?.message.contains(NSUserName()) == true)
        #expect(failure?.suggestion.contains("chown \(NSUserName()) \(file)/data") == true)
        #expect(failure?.suggestion.contains("store.path") == true)
        #expect(failure.map { "\($0)".contains("NSCocoa") } == false)
    }

    @Test("who finds the store taken is told what that command needs")
    func advice() throws {
        let folder = NSTemporaryDirectory() + "millwright-lock-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try StoreLock(folder)
        defer { first.release() }
        let failure = #expect(throws: Failure.self) { _ = try StoreLock(folder, advice: "Stop it first.") }
        #expect(failure?.kind == StoreFailures.locked && failure?.suggestion == "Stop it first.")
    }

    @Test("only the owner reads the lock file, and no store's neighbour is locked")
    func separate() throws {
        let folder = NSTemporaryDirectory() + "millwright-lock-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let one = try StoreLock(folder + "/a")
        let other = try StoreLock(folder + "/b")
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/a/lock")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        one.release()
        other.release()
    }
}
