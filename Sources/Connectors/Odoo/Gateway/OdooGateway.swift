import Contracts
import ExactJSON
import World

/// Hands operations to the companion addon: those that come while a call is under way go together in the next one.
actor OdooGateway {
    /// Operations of one call at most; the addon takes twice as many.
    static let maximumBatch = 100
    /// Bytes of the operations of one call at most, well below what nginx takes by itself (1 MiB); a single operation
    /// may be larger.
    static let maximumBytes = 512 * 1_024
    /// How long it is believed at most that the addon is not there.
    static let absence = Duration.seconds(15)
    /// The interface that this connector speaks.
    static let interface = 1

    private let connection: OdooConnection
    private let clock: any WorldClock
    /// How long it is believed that the addon is there, or is not.
    private let age: Duration
    /// Names the writer in Odoo's inbox and outbox.
    private let source: String
    private var found: (isThere: Bool, until: Duration)?
    private var isCalling = false
    private var waiting: [Waiting] = []

    private struct Waiting {
        let operation: GatewayOperation
        /// Bytes of it.
        let size: Int
        let continuation: CheckedContinuation<Turn, Never>
    }

    private enum Turn {
        case answered(Result<GatewayAnswer, OdooError>)
        /// Nobody else is calling: this one calls for itself and for others.
        case calls([Waiting])
    }

    init(connection: OdooConnection, clock: any WorldClock, age: Duration, source: String) {
        self.connection = connection
        self.clock = clock
        self.age = age
        self.source = source
    }

    /// How many operations wait for the end of the call that is under way.
    var queued: Int { waiting.count }

    /// Whether the addon is installed, speaks this interface, and this user has its group.
    func isThere() async throws(OdooError) -> Bool {
        if let found, clock.uptime() < found.until { return found.isThere }
        var isThere = true
        do throws(OdooError) {
            let health = try await connection.call(OdooCall("millwright.gateway", "health", isWrite: false))
            let interface = health["protocol"]?.int ?? 0
            guard interface == Self.interface else {
                throw OdooError(
                    .deferred(after: nil, isTargetDown: true),
                    Failure(
                        OdooFailures.gatewayVersion,
                        "the addon in Odoo speaks interface \(interface), this connector speaks \(Self.interface)"))
            }
        } catch {
            guard Self.saysItIsGone(error) else { throw error }
            isThere = false
        }
        found = (isThere, clock.uptime() + (isThere ? age : min(age, Self.absence)))
        return isThere
    }

    /// Carries one operation out, once in effect. Throws `unknown` where the answer was lost: handed in again it tells.
    func submit(_ operation: GatewayOperation) async throws(OdooError) -> GatewayAnswer {
        guard isCalling else {
            isCalling = true
            return try await call(operation, with: []).get()
        }
        let size = operation.json.bytes.count
        let turn = await withCheckedContinuation {
            waiting.append(Waiting(operation: operation, size: size, continuation: $0))
        }
        switch turn {
        case .answered(let result): return try result.get()
        case .calls(let others): return try await call(operation, with: others).get()
        }
    }

    private func call(_ own: GatewayOperation, with others: [Waiting]) async -> Result<GatewayAnswer, OdooError> {
        let results = await answers(to: [own] + others.map(\.operation))
        for (other, result) in zip(others, results.dropFirst()) {
            other.continuation.resume(returning: .answered(result))
        }
        handOver()
        return results[0]
    }

    /// Hands operations in together; where all of them are refused at once, each alone: the others need not bear what
    /// is wrong with one, or that together they are too large for a server before Odoo.
    private func answers(to operations: [GatewayOperation]) async -> [Result<GatewayAnswer, OdooError>] {
        do throws(OdooError) {
            let batch = try await connection.call(
                OdooCall(
                    "millwright.inbox", "submit", ["operations": .array(operations.map(\.json))],
                    named: ["source": .string(source)]))
            return operations.enumerated().map { index, operation in
                guard let answer = GatewayAnswer(batch, at: index, key: operation.key) else {
                    return .failure(Self.unreadable(batch))
                }
                return .success(answer)
            }
        } catch {
            // Taken away since it was found: nothing happened, and the next preparation finds out.
            let isGone = Self.saysItIsGone(error)
            if isGone { found = nil }
            guard !isGone, error.verdict == .rejected, operations.count > 1 else {
                let failure = isGone ? OdooError(.deferred(after: nil, isTargetDown: false), error.failure) : error
                return operations.map { _ in .failure(failure) }
            }
        }
        return await answersToEach(operations)
    }

    private func answersToEach(_ operations: [GatewayOperation]) async -> [Result<GatewayAnswer, OdooError>] {
        var results: [Result<GatewayAnswer, OdooError>] = []
        for operation in operations {
            // One that says nothing would be waited for as often as there are operations.
            if case .failure(let error)? = results.last, error.verdict != .rejected {
                results.append(.failure(Self.notTried(error)))
            } else {
                results += await answers(to: [operation])
            }
        }
        return results
    }

    private func handOver() {
        guard !waiting.isEmpty else {
            isCalling = false
            return
        }
        let next = waiting.removeFirst()
        let others = Array(waiting.prefix(Self.fitting(waiting.lazy.map(\.size), behind: next.size)))
        waiting.removeFirst(others.count)
        next.continuation.resume(returning: .calls(others))
    }

    /// How many of the operations with these sizes go in one call with a first one.
    private static func fitting(_ sizes: some Sequence<Int>, behind first: Int) -> Int {
        var (count, bytes) = (0, first)
        for size in sizes {
            bytes += size
            guard count < maximumBatch - 1, bytes <= maximumBytes else { break }
            count += 1
        }
        return count
    }

    private static func notTried(_ error: OdooError) -> OdooError {
        if case .deferred = error.verdict { return error }
        return OdooError(
            .deferred(after: nil, isTargetDown: false),
            Failure(OdooFailures.busy, "not tried yet: of an operation before it, \(error.failure.message)"))
    }

    private static func saysItIsGone(_ error: OdooError) -> Bool {
        [OdooFailures.missingModel, OdooFailures.rights].contains(error.failure.kind)
    }

    private static func unreadable(_ batch: JSON) -> OdooError {
        OdooError(
            .unknown,
            Failure(OdooFailures.fateUnknown, "the addon's answer cannot be read: \(batch.description.prefix(200))"))
    }
}
