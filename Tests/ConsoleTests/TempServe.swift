import Console
import Contracts
import Foundation
import Testing
import World
import WorldLive

@Test(.enabled(if: ProcessInfo.processInfo.environment["OVERVIEW_SERVE"] != nil))
func serveTemp() async throws {
    let snap: @Sendable () async -> OverviewSnapshot = {
        var s = SampleSnapshot.working; s.time = LiveClock().now(); return s
    }
    let l = try Listener(
        ListenerSettings(host: "127.0.0.1", port: 18099),
        routes: OverviewRoutes.routes(entropy: LiveEntropy(), snapshot: snap),
        streams: OverviewRoutes.streams(clock: LiveClock(), snapshot: snap), disk: LiveDisk())
    try await withThrowingTaskGroup { g in
        g.addTask { try await l.run() }
        try await Task.sleep(for: .seconds(40))
        g.cancelAll()
    }
}
