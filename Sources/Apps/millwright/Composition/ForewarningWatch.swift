import Canonical
import Contracts
import World

/// Asks sources and targets what will stop them, and says it: at once where it is new, and once a day.
actor ForewarningWatch {
    /// How often they are asked: what was mended is not spoken of for much longer.
    static let interval = Duration.seconds(3_600)
    /// How often the same is said again.
    static let reminder = Duration.seconds(86_400)

    private let parts: [(place: String, part: any Forewarning)]
    private let clock: any WorldClock
    private let say: @Sendable (String) -> Void
    private var warnings: [String: [Failure]] = [:]
    private var said: [String: Duration] = [:]

    /// `say` takes a line for the log.
    init(
        _ parts: [(place: String, part: any Forewarning)], clock: any WorldClock,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.parts = parts
        self.clock = clock
        self.say = say
    }

    /// What is known of a part: `target odoo`.
    func warnings(of place: String) -> [Failure] { warnings[place] ?? [] }

    /// Asks until cancelled.
    func run() async {
        guard !parts.isEmpty else { return }
        while !Task.isCancelled {
            await look()
            try? await clock.sleep(for: Self.interval)
        }
    }

    /// Asks all of them once. Who cannot tell now is asked again later, and what it said before holds.
    func look() async {
        for (place, part) in parts {
            do throws(Failure) {
                warnings[place] = try await part.warnings()
            } catch {
                continue
            }
            for failure in warnings[place] ?? [] {
                let line = "\(place): \(failure)"
                let now = clock.uptime()
                // Only the days differ from one time to the next.
                let key = place + failure.message.prefix { $0 != "," }
                if let last = said[key], now - last < Self.reminder { continue }
                said[key] = now
                say(line)
            }
        }
    }
}
