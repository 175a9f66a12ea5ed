import Canonical
import Dispatch
import Store
import Testing
import World
import WorldLive

@Suite("looking into the store")
struct LookTests {
    @Test("a look that takes long holds up nobody who stores, and sees one state")
    func beside() async throws {
        let scratch = try Scratch()
        let store = try Store(StoreSettings(path: scratch.path + "/node.db"), world: .live())
        try await store.write { try $0.setPosition("a", "n", 1) }
        let (begun, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let look = Task {
            try await store.look { transaction in
                let before = try transaction.position("a", "n")
                begun.signal()
                ended.wait()
                return (before, try transaction.position("a", "n"))
            }
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                begun.wait()
                continuation.resume()
            }
        }
        try await store.write { try $0.setPosition("a", "n", 2) }
        ended.signal()
        let (before, after) = try await look.value
        #expect(before == 1 && after == 1)
        #expect(try await store.look { try $0.position("a", "n") } == 2)
        await store.close()
        await #expect(throws: CancellationError.self) { try await store.look { try $0.storedCount() } }
    }
}
