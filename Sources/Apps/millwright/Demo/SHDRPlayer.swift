import Synchronization

/// Plays recorded sessions of an MTConnect adapter to whoever connects.
final class SHDRPlayer: Sendable {
    private let recording: SHDRRecording
    /// Nil: as fast as the client takes it.
    private let speed: Double?
    private let adapter: SHDRAdapter
    private let hasEnded = Mutex(false)

    /// `hasPlayed`: an earlier run has played everything, and the machine stands where it stopped.
    init(_ recording: SHDRRecording, port: Int, speed: Double?, hasPlayed: Bool) {
        self.recording = recording
        self.speed = speed
        adapter = SHDRAdapter(port: port)
        guard hasPlayed, let last = recording.sessions.last else { return }
        for line in last.lines { adapter.send(line) }
        hasEnded.withLock { $0 = true }
    }

    var isDone: Bool { hasEnded.withLock { $0 } }

    /// Listens on loopback and serves until cancelled.
    func serve() async throws { try await adapter.serve() }

    /// Plays all sessions; between two of them every client is disconnected, as an adapter that restarts does.
    func play() async throws {
        guard !isDone else { return }
        for session in recording.sessions {
            adapter.restart()
            while !adapter.hasClient { try await Task.sleep(for: .milliseconds(20)) }
            var sinceBreath = 0
            for line in session.lines {
                if let speed { try await Task.sleep(for: .seconds(0.2 / speed)) }
                adapter.send(line)
                sinceBreath += 1
                if speed == nil, sinceBreath % 200 == 0 { try await Task.sleep(for: .milliseconds(10)) }
            }
            // What an adapter last said stands until it goes.
            try await Task.sleep(for: .milliseconds(600))
        }
        hasEnded.withLock { $0 = true }
    }
}
