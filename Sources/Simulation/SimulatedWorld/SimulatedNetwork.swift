package import Canonical
import Synchronization
package import World

/// A network between simulated processes that loses, doubles, delays and cuts, by the seed's dice.
package final class SimulatedNetwork: Sendable {
    /// How often each fault happens, as a likelihood per message.
    package struct Faults: Sendable {
        package var requestLost = 0.0
        package var answerLost = 0.0
        package var doubled = 0.0
        package var latency: ClosedRange<Duration> = .milliseconds(1)...(.milliseconds(20))

        package init() {}
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

    private func latency() -> Duration {
        let range = state.withLock { $0.faults.latency }
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
        if simulator.draw({ $0.happens(faults.requestLost) }) { return note("requestLost") }
        let copies = simulator.draw({ $0.happens(faults.doubled) }) ? 2 : 1
        if copies == 2 { note("doubled") }
        for _ in 0..<copies {
            simulator.schedule(at: simulator.now + latency()) {
                self.arrive(request, endpoint, faults, answer: answer)
            }
        }
    }

    private func arrive(
        _ request: HTTPRequest, _ endpoint: Endpoint, _ faults: Faults,
        answer: @escaping @Sendable (Result<HTTPResponse, NetworkFailure>) -> Void
    ) {
        guard endpoint.process.isAlive else { return note("deadPeer") }
        var incoming = request
        incoming.target = String(request.target.dropFirst(Self.origin(of: request.target).count))
        let handled = incoming
        endpoint.process.start {
            let response = await endpoint.handle(handled)
            if self.simulator.draw({ $0.happens(faults.answerLost) }) { return self.note("answerLost") }
            self.simulator.schedule(at: self.simulator.now + self.latency()) { answer(.success(response)) }
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
