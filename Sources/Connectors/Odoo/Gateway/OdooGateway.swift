import Contracts
import ExactJSON
import World

/// Hands operations to the companion addon: those that come while a call is under way go together in the next one.
actor OdooGateway {
    /// Operations of one call at most; the addon takes twice as many.
    static let maximumBatch = 100
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
        let turn = await withCheckedContinuation { waiting.append(Waiting(operation: operation, continuation: $0)) }
        switch turn {
        case .answered(let result): return try result.get()
        case .calls(let others): return try await call(operation, with: others).get()
        }
    }

    private func call(_ own: GatewayOperation, with others: [Waiting]) async -> Result<GatewayAnswer, OdooError> {
        let operations = [own] + others.map(\.operation)
        var results: [Result<GatewayAnswer, OdooError>]
        do throws(OdooError) {
            let batch = try await connection.call(
                OdooCall(
                    "millwright.inbox", "submit", ["operations": .array(operations.map(\.json))],
                    named: ["source": .string(source)]))
            results = operations.enumerated().map { index, operation in
                guard let answer = GatewayAnswer(batch, at: index, key: operation.key) else {
                    return .failure(Self.unreadable(batch))
                }
                return .success(answer)
            }
        } catch {
            // Taken away since it was found: nothing happened, and the next preparation finds out.
            let isGone = Self.saysItIsGone(error)
            if isGone { found = nil }
            let failure = isGone ? OdooError(.deferred(after: nil, isTargetDown: false), error.failure) : error
            results = operations.map { _ in .failure(failure) }
        }
        for (other, result) in zip(others, results.dropFirst()) {
            other.continuation.resume(returning: .answered(result))
        }
        handOver()
        return results[0]
    }

    private func handOver() {
        guard !waiting.isEmpty else {
            isCalling = false
            return
        }
        let next = waiting.removeFirst()
        let others = Array(waiting.prefix(Self.maximumBatch - 1))
        waiting.removeFirst(others.count)
        next.continuation.resume(returning: .calls(others))
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
