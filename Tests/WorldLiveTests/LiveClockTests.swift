import Canonical
import Foundation
import Testing
import World
import WorldLive

@Suite("the live clock and entropy")
struct LiveClockTests {
    @Test("the wall clock agrees with the system's and the uptime never goes back")
    func clocks() {
        let clock = LiveClock()
        let system = Int64(Date().timeIntervalSince1970 * 1_000_000)
        #expect(abs(clock.now().microseconds - system) < 5_000_000)
        var last = clock.uptime()
        for _ in 0..<10_000 {
            let next = clock.uptime()
            #expect(next >= last)
            last = next
        }
    }

    @Test("a sleep takes its time and ends at once when it is cancelled")
    func sleep() async throws {
        let clock = LiveClock()
        let start = clock.uptime()
        try await clock.sleep(for: .milliseconds(20))
        #expect(clock.uptime() - start >= .milliseconds(20))
        await withTaskGroup { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await clock.sleep(for: .seconds(3_600)) }
            }
            group.cancelAll()
        }
    }

    @Test("random bytes come in the length asked for and do not repeat", arguments: [0, 1, 7, 8, 9, 32, 1_000])
    func entropy(count: Int) {
        let entropy = LiveEntropy()
        let bytes = entropy.bytes(count)
        #expect(bytes.count == count)
        if count >= 8 { #expect(entropy.bytes(count) != bytes) }
    }
}
