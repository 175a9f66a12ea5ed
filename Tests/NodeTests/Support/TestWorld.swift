import Canonical
import Contracts
import NodeConnector
import NodeSecurity
import SimulatedWorld
import Synchronization
import World

/// A clock that stands until it is set; sleeping ends only with the task.
final class ManualClock: WorldClock {
    private let time: Mutex<Instant>

    init(_ start: Instant = Instant(microseconds: 1_750_000_000_000_000)) { time = Mutex(start) }

    func now() -> Instant { time.withLock { $0 } }
    func uptime() -> Duration { .microseconds(now().microseconds) }
    func set(_ instant: Instant) { time.withLock { $0 = instant } }
    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: .seconds(3_600)) }
}

/// Bytes that repeat with their seed.
final class SeededEntropy: Entropy {
    private let random: Mutex<SeededRandom>
    init(_ seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }
    func bytes(_ count: Int) -> [UInt8] {
        random.withLock { random in (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 24) } }
    }
}

/// Carries requests straight to routes, and lets a test change what passes.
final class RouteNetwork: Network {
    typealias Middle =
        @Sendable (HTTPRequest, _ deliver: @Sendable (HTTPRequest) async -> HTTPResponse)
        async throws(NetworkFailure) -> HTTPResponse

    private let routes: Mutex<[Route]>
    private let middle: Mutex<Middle?> = Mutex(nil)
    private let requests = Mutex<[HTTPRequest]>([])

    init(_ routes: [Route] = []) { self.routes = Mutex(routes) }

    func serve(_ routes: [Route]) { self.routes.withLock { $0 = routes } }
    func intercept(_ middle: Middle?) { self.middle.withLock { $0 = middle } }
    /// Everything that was sent, as it left.
    var sent: [HTTPRequest] { requests.withLock { $0 } }

    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no byte streams here")
    }

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        requests.withLock { $0.append(request) }
        if let middle = middle.withLock({ $0 }) { return try await middle(request) { await self.deliver($0) } }
        return await deliver(request)
    }

    /// What the hub answers to `request`.
    func deliver(_ request: HTTPRequest) async -> HTTPResponse {
        await Self.dispatch(request, to: routes.withLock { $0 })
    }

    static func dispatch(_ request: HTTPRequest, to routes: [Route]) async -> HTTPResponse {
        var incoming = request
        if let scheme = request.target.firstRange(of: "://") {
            incoming.target = String(request.target[scheme.upperBound...].drop { $0 != "/" })
        }
        let segments = incoming.path.split(separator: "/")
        for route in routes where route.method == request.method {
            let pattern = route.path.split(separator: "/")
            guard pattern.count == segments.count else { continue }
            var parameters: [String: String] = [:]
            let fits = zip(pattern, segments).allSatisfy { part, text in
                guard part.hasPrefix("{") else { return part == text }
                parameters[String(part.dropFirst().dropLast())] = PercentCoding.decode(String(text))
                return true
            }
            guard fits else { continue }
            guard incoming.body.count <= route.maximumBody else { return HTTPResponse(status: 413) }
            return await route.handle(incoming, parameters)
        }
        return HTTPResponse(status: 404)
    }
}

/// Runs nothing: these tests have no store.
final class NoExecutor: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) { preconditionFailure("no store works here") }
}

extension World {
    static func test(
        clock: any WorldClock, network: any Network, disk: any Disk = SimulatedDisk(), seed: UInt64 = 1
    ) -> World {
        World(clock: clock, disk: disk, network: network, entropy: SeededEntropy(seed), storeExecutor: NoExecutor())
    }
}
