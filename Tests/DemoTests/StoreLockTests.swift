import Foundation
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
