import Contracts
import ExactJSON

/// One operation: what it reads, what follows from that, what it writes, and how it is known again afterwards.
protocol OdooOperation: Sendable {
    static var spec: OperationSpec { get }
    /// Reads and decides; changes nothing.
    static func prepare(_ command: Command, ledger: [LedgerEntry], in session: OdooSession) async throws(OdooError)
        -> Preparation
    /// Writes what the intent says.
    static func perform(_ attempt: Attempt, in session: OdooSession) async throws(OdooError) -> Outcome
    /// Compares Odoo with the intent; changes nothing.
    static func inquire(_ attempt: Attempt, in session: OdooSession) async throws(OdooError) -> Inquiry
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
