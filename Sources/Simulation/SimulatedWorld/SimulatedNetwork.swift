package import Canonical
import Synchronization
package import World

/// A network between simulated processes that loses, doubles, delays and cuts, by the seed's dice.
package final class SimulatedNetwork: Sendable {
    /// How often each fault happens, as a likelihood per message.
    package struct Faults: Sendable, Equatable {
        package var requestLost = 0.0
        package var answerLost = 0.0
        package var doubled = 0.0
        /// The answer comes twice.
        package var answeredTwice = 0.0
        /// A bit of the request's body turns over on its way. For links whose requests are signed; answers bear no
        /// check of their own, and are left whole as TLS leaves them.
        package var corrupted = 0.0
        /// The answer breaks off.
        package var answerCut = 0.0
        /// A gateway before the peer answers 502 and hands nothing on.
        package var gatewayDown = 0.0
        /// The peer carries the request out, and a gateway answers 502.
        package var gatewayGaveUp = 0.0
        /// The peer carries the request out only after ``holdTime``, whether the caller still waits or not.
        package var held = 0.0
        package var holdTime: ClosedRange<Duration> = .seconds(1)...(.seconds(100))
        package var latency: ClosedRange<Duration> = .milliseconds(1)...(.milliseconds(20))

        package init() {}

        /// The kinds that happen at all, as they are counted.
        package var kinds: [String] {
            let likelihoods = [
                ("requestLost", requestLost), ("answerLost", answerLost), ("doubled", doubled),
                ("answeredTwice", answeredTwice), ("corrupted", corrupted), ("answerCut", answerCut),
                ("gatewayDown", gatewayDown), ("gatewayGaveUp", gatewayGaveUp), ("held", held),
            ]
            return likelihoods.filter { $0.1 > 0 }.map(\.0)
        }
    }

    /// What answers at an address.
    package struct Endpoint: Sendable {
        package let process: SimulatedProcess
        package let handle: @Sendable (HTTPRequest) async -> HTTPResponse

        package init(process: SimulatedProcess, handle: @escaping @Sendable (HTTPRequest) async -> HTTPResponse) {
            self.process = process
            self.handle = handle
        }
    }

    private struct State {
        var faults = Faults()
        var isCut = false
        var endpoints: [String: Endpoint] = [:]
        var counts: [String: Int] = [:]
    }

    private let simulator: Simulator
    private let state = Mutex(State())

    package init(_ simulator: Simulator) { self.simulator = simulator }

    package func set(_ faults: Faults) { state.withLock { $0.faults = faults } }
    package func cut(_ isCut: Bool) { state.withLock { $0.isCut = isCut } }
    /// Faults injected so far, by kind.
    package var counts: [String: Int] { state.withLock { $0.counts } }

    /// Puts what answers at `origin` (`https://hub:8443`) there, in place of what was.
    package func listen(_ origin: String, _ endpoint: Endpoint?) { state.withLock { $0.endpoints[origin] = endpoint } }

    private func note(_ fault: String) { state.withLock { $0.counts[fault, default: 0] += 1 } }

    private func latency() -> Duration { duration(in: state.withLock { $0.faults.latency }) }

    private func duration(in range: ClosedRange<Duration>) -> Duration {
        let span = (range.upperBound - range.lowerBound).microseconds
        return range.lowerBound + .microseconds(simulator.draw { Int64($0.next() % UInt64(max(1, span))) })
    }

    fileprivate func send(
        _ request: HTTPRequest, timeout: Duration,
        answer: @escaping @Sendable (Result<HTTPResponse, NetworkFailure>) -> Void
    ) {
        let (faults, isCut) = state.withLock { ($0.faults, $0.isCut) }
        let origin = Self.origin(of: request.target)
        guard !isCut, let endpoint = state.withLock({ $0.endpoints[origin] }), endpoint.process.isAlive else {
            if isCut { note("cut") }
            simulator.schedule(at: simulator.now + latency()) {
                answer(.failure(NetworkFailure(.unreachable, mayHaveArrived: false, detail: "cannot reach \(origin)")))
            }
            return
        }
        simulator.schedule(at: simulator.now + timeout) {
            answer(.failure(NetworkFailure(.timeout, mayHaveArrived: true, detail: "no answer from \(origin)")))
        }
        if happens(faults.requestLost, "requestLost") { return }
        if happens(faults.gatewayDown, "gatewayDown") {
            simulator.schedule(at: simulator.now + latency()) { answer(.success(Self.badGateway)) }
            return
        }
        var request = request
        if !request.body.isEmpty, happens(faults.corrupted, "corrupted") {
            let count = UInt64(request.body.count)
            let (byte, bit) = simulator.draw { (Int($0.next() % count), UInt8($0.next() % 8)) }
            request.body[byte] ^= 1 << bit
        }
        let sent = request
        for _ in 0..<(happens(faults.doubled, "doubled") ? 2 : 1) {
            let hold = happens(faults.held, "held") ? duration(in: faults.holdTime) : .zero
            simulator.schedule(at: simulator.now + latency() + hold) {
                self.arrive(sent, faults, answer: answer)
            }
        }
    }

    /// Draws, and counts the fault where it happens.
    private func happens(_ likelihood: Double, _ fault: String) -> Bool {
        guard likelihood > 0, simulator.draw({ $0.happens(likelihood) }) else { return false }
        note(fault)
        return true
    }

    private static let badGateway = HTTPResponse(
        status: 502, headers: ["Content-Type": "text/html"], body: Array("<html><h1>502 Bad Gateway</h1></html>".utf8))

    private func arrive(
        _ request: HTTPRequest, _ faults: Faults,
        answer: @escaping @Sendable (Result<HTTPResponse, NetworkFailure>) -> Void
    ) {
        let origin = Self.origin(of: request.target)
        // Whoever answers there by now: a peer that was started anew meanwhile gets what comes late.
        guard let endpoint = state.withLock({ $0.endpoints[origin] }), endpoint.process.isAlive else {
            return note("deadPeer")
        }
        var incoming = request
        incoming.target = String(request.target.dropFirst(origin.count))
        let handled = incoming
        endpoint.process.start {
            var response = await endpoint.handle(handled)
            if self.happens(faults.answerLost, "answerLost") { return }
            if self.happens(faults.gatewayGaveUp, "gatewayGaveUp") { response = Self.badGateway }
            if !response.body.isEmpty, self.happens(faults.answerCut, "answerCut") {
                let count = UInt64(response.body.count)
                response.body.removeLast(self.simulator.draw { Int($0.next() % count) } + 1)
            }
            let answered = response
            for _ in 0..<(self.happens(faults.answeredTwice, "answeredTwice") ? 2 : 1) {
                self.simulator.schedule(at: self.simulator.now + self.latency()) { answer(.success(answered)) }
            }
        }
    }

    private static func origin(of target: String) -> String {
        guard let scheme = target.firstRange(of: "://") else { return "" }
        let end = target[scheme.upperBound...].firstIndex(of: "/") ?? target.endIndex
        return String(target[..<end])
    }
}

/// The network as one simulated node sees it.
package struct SimulatedNetworkPort: Network {
    private let network: SimulatedNetwork

    package init(_ network: SimulatedNetwork) { self.network = network }

    package func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        throw NetworkFailure(
            .unreachable, mayHaveArrived: false, detail: "no byte stream leads to \(host):\(port) here")
    }

    package func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        let once = Once()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                once.begin(continuation)
                network.send(request, timeout: timeout) { once.end($0) }
            }
        } onCancel: {
            once.end(.failure(NetworkFailure(.cancelled, mayHaveArrived: true, detail: "cancelled")))
        }
        return try result.get()
    }

    private final class Once: Sendable {
        private struct State {
            var continuation: CheckedContinuation<Result<HTTPResponse, NetworkFailure>, Never>?
            var early: Result<HTTPResponse, NetworkFailure>?
            var isOver = false
        }
        private let state = Mutex(State())

        func begin(_ continuation: CheckedContinuation<Result<HTTPResponse, NetworkFailure>, Never>) {
            let early = state.withLock { state in
                if state.early == nil { state.continuation = continuation }
                return state.early
            }
            if let early { continuation.resume(returning: early) }
        }

        func end(_ result: Result<HTTPResponse, NetworkFailure>) {
            let continuation = state.withLock { state in
                guard !state.isOver else {
                    return nil as CheckedContinuation<Result<HTTPResponse, NetworkFailure>, Never>?
                }
                state.isOver = true
                if state.continuation == nil { state.early = result }
                defer { state.continuation = nil }
                return state.continuation
            }
            continuation?.resume(returning: result)
        }
    }
}
