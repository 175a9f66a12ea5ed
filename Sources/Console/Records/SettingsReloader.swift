package import World

/// Has the node read its settings folder again for a person, and says what became of it.
package struct SettingsReloader: Sendable {
    /// How it stands with a wish.
    package enum Standing: Sendable {
        /// The node has not come to its end.
        case open
        case told(ReloadOutcome)
        /// Nobody will come to it: the node stops, or it is none of this process.
        case gone
    }

    /// How long an answer waits for the node; then it says where to look.
    package static let patience = Duration.seconds(60)

    private let wish: @Sendable (_ person: String) -> Int?
    private let look: @Sendable (_ number: Int) -> Standing
    private let clock: any WorldClock
    private let patience: Duration

    /// `ask` leaves a wish and returns its number; nil where as many wait as may, or the node stops. `standing` says
    /// how it stands with one.
    package init(
        clock: any WorldClock, patience: Duration = SettingsReloader.patience,
        ask: @escaping @Sendable (_ person: String) -> Int?, standing: @escaping @Sendable (_ number: Int) -> Standing
    ) {
        self.clock = clock
        self.patience = patience
        wish = ask
        look = standing
    }

    /// Leaves a wish; nil where as many wait as may, or the node stops.
    func ask(by person: String) -> Int? { wish(person) }

    func standing(of number: Int) -> Standing { look(number) }

    /// How it stands with a wish as soon as it has an end, or when the time is over.
    ///
    /// It is asked for again and again, as with the desk's requests: nodes come and go meanwhile, and who waits hangs
    /// on none of them.
    func end(of number: Int) async -> Standing {
        let end = clock.uptime() + patience
        while true {
            let standing = look(number)
            guard case .open = standing, clock.uptime() < end else { return standing }
            // Cut off in the middle: nobody is there to be told any more.
            do { try await clock.sleep(for: .milliseconds(50)) } catch { return standing }
        }
    }
}
