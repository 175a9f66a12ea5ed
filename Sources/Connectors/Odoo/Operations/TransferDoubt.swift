import Canonical
import Contracts
import ExactJSON

/// A receipt or a delivery that a store that is forgotten may have posted, beside what of its document is done.
struct TransferDoubt: Sendable {
    /// Done transfers that are named, the latest ones.
    private static let maximumNamed = 5
    /// Lines of them that are told.
    private static let maximumLines = 20

    /// The open transfer's name; nil where none is.
    let open: String?
    /// The done transfers of the same document, with their names.
    let done: [OdooRow]

    /// What a person must decide, with what moved; nil where nothing is done.
    func refusal(in session: OdooSession) async throws(OdooError) -> OdooError? {
        guard !done.isEmpty else { return nil }
        let named = done.suffix(Self.maximumNamed)
        let quantity = try await session.dialect().moveDone
        let moves = try await session.rows(
            .find(
                "stock.move", [["picking_id", "in", .array(named.map { .int($0.id) })], ["state", "=", "done"]],
                ["picking_id", "product_id", "product_uom", quantity], limit: Self.maximumLines))
        var parts: [String] = []
        if done.count > named.count { parts.append("\(done.count - named.count) transfers are done") }
        for transfer in named {
            let lines = moves.filter { $0.link("picking_id") == transfer.id }.map { move in
                "\(move.number(quantity).trimmed()) \(move.label("product_uom") ?? "") of "
                    + (move.label("product_id") ?? "#\(move.link("product_id") ?? 0)")
            }
            let words = lines.isEmpty ? "" : " with " + lines.joined(separator: ", ")
            parts.append("\(transfer.text("name") ?? "#\(transfer.id)") is done\(words)")
        }
        return .reject(
            OdooFailures.mayBeDone,
            parts.joined(separator: "; ") + "; \(open ?? "none") is open: this may be what is done",
            suggestion: "Compare the done transfers with what came or went until the restore: discard this if one of "
                + "them is it, else "
                + (open.map { "resubmit it, which completes \($0)." } ?? "enter it in Odoo by hand, then discard it."),
            about: done.last.map { OdooRecord("stock.picking", $0.id) })
    }
}
