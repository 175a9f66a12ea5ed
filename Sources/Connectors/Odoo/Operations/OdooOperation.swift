import Contracts
import ExactJSON

/// One operation: what it reads, what follows from that, and as a plan what it writes and how it is known again.
protocol OdooOperation: Sendable {
    var spec: OperationSpec { get }
    /// Reads and decides; changes nothing. What is ready is an ``OdooPlan``.
    func prepare(_ command: Command, ledger: [LedgerEntry], in session: OdooSession) async throws(OdooError)
        -> Preparation
    /// The plan behind one whose ``OdooPlan/rest`` says that there is more to do, when its steps are done.
    func rest(of plan: OdooPlan, in session: OdooSession) async throws(OdooError) -> OdooPlan
}

extension OdooOperation {
    func rest(of plan: OdooPlan, in session: OdooSession) async throws(OdooError) -> OdooPlan {
        throw .unreadable(plan.json)
    }
}

/// All operations by name.
enum OdooOperations {
    static let all: [any OdooOperation] =
        [
            ProductionProgress(), ProductionComplete(), MaterialConsume(), ScrapRecord(),
            DowntimeRecord(), DowntimeStart(), DowntimeStop(), MaintenanceRequest(),
        ] + ManufacturingOperations.all + InventoryOperations.all + PurchaseOperations.all + SalesOperations.all
        + AccountingOperations.all + RepairOperations.all + MasterDataOperations.all + PeopleOperations.all
        + ProjectOperations.all
        + RecordOperations.all

    static let byName: [String: any OdooOperation] = Dictionary(
        all.map { ($0.spec.name, $0) }, uniquingKeysWith: { first, _ in first })
}
