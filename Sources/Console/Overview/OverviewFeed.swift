import Canonical
import ExactJSON
import Synchronization
import World

/// The page's server-sent events (WHATWG HTML, section 9.2): first all sections, then those that changed.
struct OverviewFeed: Sendable {
    let clock: any WorldClock
    let snapshot: @Sendable () async -> OverviewSnapshot

    /// How often a page is brought up to date.
    static let interval: Duration = .seconds(1)

    /// One client's stream; ends when its task is cancelled.
    func chunks() -> AsyncStream<[UInt8]> {
        let sent = Mutex<[String: HTML]?>(nil)
        return AsyncStream { [self] in
            let isFirst = sent.withLock { $0 == nil }
            if !isFirst {
                guard (try? await clock.sleep(for: Self.interval)) != nil else { return nil }
            }
            let snapshot = await snapshot()
            let sections = OverviewSections(snapshot).all
            let changed = sent.withLock { sent in
                let changed = sections.filter { sent?[$0.id] != $0.html }
                sent = Dictionary(sections.map { ($0.id, $0.html) }, uniquingKeysWith: { $1 })
                return changed
            }
            return Self.message(snapshot.time, changed, isFirst: isFirst)
        }
    }

    private static func message(_ time: Instant, _ sections: [OverviewSections.Section], isFirst: Bool) -> [UInt8] {
        let document: JSON = [
            "time": .string(PageFormat.stamp(time)),
            "sections": .array(sections.map { ["id": .string($0.id), "html": .string($0.html.source)] }),
        ]
        // JSON's text has no line end, so that one data line holds it.
        var output = Array((isFirst ? "retry: 2000\n" : "").utf8)
        output += Array("event: overview\ndata: ".utf8)
        output += document.bytes
        output += Array("\n\n".utf8)
        return output
    }
}
