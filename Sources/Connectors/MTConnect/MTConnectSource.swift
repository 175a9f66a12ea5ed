package import Canonical
package import Contracts
import ExactJSON
package import World

/// What happens to a source's connection, for logs and health.
package enum MTConnectNotice: Sendable {
    case connected(place: String)
    /// The connection ended or could not be made; the next try follows after the wait.
    case disconnected(Failure, retryAfter: Duration)
    /// The intake did not take a batch; it is kept and handed in again after the wait.
    case refused(String, retryAfter: Duration)
}

/// Listens to an MTConnect adapter (SHDR over TCP).
///
/// The protocol has no acknowledgement, so order is all there is: bytes are read on only when what they said before
/// is durable.
package struct MTConnectSource: Source {
    package let name: SourceName
    let plant: String
    let node: NodeID
    let options: MTConnectOptions
    let world: World
    private let notice: @Sendable (MTConnectNotice) -> Void
    private let health = SourceHealth()

    /// Checks the settings; connects to nothing. `asset` stands for keys without a device, `plant` and `node` name
    /// where missed spans are reported from. `notify` is called from within ``run(_:)`` and must return at once.
    package init(
        name: SourceName, settings: Settings, asset: AssetID, plant: String, node: NodeID, world: World,
        limits: Limits = Limits(), notify: @escaping @Sendable (MTConnectNotice) -> Void = { _ in }
    ) throws(SettingFault) {
        self.name = name
        self.plant = plant
        self.node = node
        self.world = world
        notice = notify
        options = try MTConnectOptions(settings, asset: asset, limits: limits)
    }

    /// Bytes of a device model that are read at most.
    private static let modelBytes = 64 << 20

    /// Works until cancelled. Throws ``Failure`` `SHDR-012` where the device model cannot be read, and what the
    /// intake's positions throw.
    package func run(_ intake: any Intake) async throws {
        let rules = try readRules()
        var submitter = Submitter(source: self, intake: intake, maximum: rules.limits.batchEvents)
        try await submitter.restore()
        var attempt = 0
        while true {
            try Task.checkCancellation()
            let failure: Failure
            do {
                let stream = try await world.network.connect(
                    host: options.host, port: options.port, timeout: options.connectTimeout)
                notify(.connected(place: place))
                let ended = try await listen(to: stream, rules, &submitter)
                if ended.heardSomething { attempt = 0 }
                failure = ended.failure
            } catch let broken as NetworkFailure {
                if broken.reason == .cancelled { throw CancellationError() }
                failure = Failure(SHDRFailures.cannotConnect, "\(place) cannot be reached: \(broken)")
            }
            let wait = options.backoff.wait(attempt: attempt, random: world.entropy.next())
            attempt += 1
            notify(.disconnected(failure, retryAfter: wait))
            try await world.clock.sleep(for: wait)
        }
    }

    package var trouble: Failure? { health.trouble }

    func notify(_ notice: MTConnectNotice) {
        switch notice {
        case .connected: health.report(nil)
        case .disconnected(let failure, _): health.report(failure)
        // The store says itself what is wrong with it.
        case .refused: break
        }
        self.notice(notice)
    }

    /// The adapter's address, as it stands in origins.
    var place: String { "\(options.host):\(options.port)" }

    private func readRules() throws -> SHDRRules {
        guard let path = options.model else { return options.rules }
        let bytes: [UInt8]
        do {
            bytes = try world.disk.read(path, from: 0, upTo: Self.modelBytes)
        } catch {
            throw Failure(SHDRFailures.noModel, "the device model cannot be read: \(error)")
        }
        let (rules, items) = options.rules(withModel: bytes)
        guard items > 0 else {
            throw Failure(SHDRFailures.noModel, "\(path) has no DataItem element in its first \(bytes.count) bytes")
        }
        return rules
    }

    private struct Ending {
        let failure: Failure
        let heardSomething: Bool
    }

    /// One connection, from its begin to its end; closes it.
    private func listen(to stream: any ByteStream, _ rules: SHDRRules, _ submitter: inout Submitter) async throws
        -> Ending
    {
        do {
            var session = MTConnectSession(source: self, stream: stream, rules: rules)
            let reason = try await session.run(&submitter)
            await stream.close()
            return Ending(
                failure: Failure(SHDRFailures.cannotConnect, "\(place): \(reason)"),
                heardSomething: session.heardSomething)
        } catch {
            await stream.close()
            throw error
        }
    }
}
