import Contracts
import ExactJSON

/// One operation: what it reads, what follows from that, and as a plan what it writes and how it is known again.
protocol OdooOperation: Sendable {
    static var spec: OperationSpec { get }
    /// Reads and decides; changes nothing. What is ready is an ``OdooPlan``.
    static func prepare(_ command: Command, ledger: [LedgerEntry], in session: OdooSession) async throws(OdooError)
        -> Preparation
    /// The plan behind one whose ``OdooPlan/rest`` says that there is more to do, when its steps are done.
    static func rest(of plan: OdooPlan, in session: OdooSession) async throws(OdooError) -> OdooPlan
}

extension OdooOperation {
    static func rest(of plan: OdooPlan, in session: OdooSession) async throws(OdooError) -> OdooPlan {
        throw .unreadable(plan.json)
    }
}

/// All operations by name.
enum OdooOperations {
    static let all: [any OdooOperation.Type] = [
        ProductionProgress.self, ProductionComplete.self, MaterialConsume.self, ScrapRecord.self,
        DowntimeRecord.self, DowntimeStart.self, DowntimeStop.self, MaintenanceRequest.self,
    ]

    static let byName: [String: any OdooOperation.Type] = Dictionary(
        all.map { ($0.spec.name, $0) }, uniquingKeysWith: { first, _ in first })
}
