import Testing

@testable import Console

@Suite("a connection's watch")
struct ConnectionWatchTests {
    private var limits: ListenerLimits {
        var limits = ListenerLimits()
        limits.idle = .seconds(60)
        limits.body = .seconds(30)
        limits.stalled = .seconds(10)
        limits.linger = .seconds(2)
        return limits
    }

    @Test("each phase has its own time, and a client that keeps to it is never cut off")
    func phases() {
        var watch = ConnectionWatch(limits, now: .seconds(100))
        #expect(watch.nextDue == .seconds(160))
        #expect(watch.expired(now: .seconds(159)) == nil)
        #expect(watch.expired(now: .seconds(160)) == .idle)
        watch.requestBegan(now: .seconds(150))
        #expect(watch.nextDue == .seconds(180))
        #expect(watch.expired(now: .seconds(180)) == .slowRequest)
        watch.requestEnded()
        // A handler may take as long as it needs.
        #expect(watch.nextDue == nil)
        watch.writable(false, now: .seconds(200))
        watch.writable(false, now: .seconds(205))
        #expect(watch.nextDue == .seconds(210))
        #expect(watch.expired(now: .seconds(210)) == .stalledReader)
        watch.writable(true, now: .seconds(209))
        #expect(watch.nextDue == nil)
        watch.responseEnded(now: .seconds(220))
        #expect(watch.nextDue == .seconds(280))
        watch.lingering(now: .seconds(230))
        #expect(watch.expired(now: .seconds(232)) == .lingered)
    }

    @Test("requests sent one behind the other keep the connection busy until the last answer")
    func pipelined() {
        var watch = ConnectionWatch(limits, now: .zero)
        for _ in 0..<3 {
            watch.requestBegan(now: .seconds(1))
            watch.requestEnded()
        }
        watch.responseEnded(now: .seconds(2))
        watch.responseEnded(now: .seconds(3))
        #expect(watch.isBusy)
        #expect(watch.nextDue == nil)
        watch.responseEnded(now: .seconds(4))
        #expect(watch.nextDue == .seconds(64))
    }
}
