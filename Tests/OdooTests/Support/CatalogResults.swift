import Foundation

/// Writes down which operation held at which Odoo, where `ODOO_RESULTS` names a file.
enum CatalogResults {
    enum Kind: String {
        case standIn = "stand-in"
        /// The stand-in, where recorded answers of that version show what the operation does.
        case recorded
        case real
        /// A real one, whose commits took two minutes.
        case held
    }

    /// Operations that the recorded answers do not show: the stand-in has their models from the recorded lists of fields
    /// and from the real servers of 16 and 19.
    private static let unrecorded: Set<String> = [
        "activity.create", "activity.done", "invoice.cancel", "invoice.refund", "invoice.reset", "journal.entry",
        "package.create", "payment.register", "price.set", "production.byproducts", "purchase.acknowledge",
        "purchase.approve", "purchase.cancel", "purchase.change", "quality.hold", "repair.cancel", "sale.cancel",
        "sale.change", "task.create", "task.update", "transfer.cancel", "transfer.confirm", "transfer.create",
        "variant.set",
    ]

    static func keep(_ one: CatalogCase, _ peer: Peer, _ kind: Kind) async throws {
        guard let path = ProcessInfo.processInfo.environment["ODOO_RESULTS"] else { return }
        let kind = kind == .standIn && !unrecorded.contains(one.operation) ? .recorded : kind
        let executor = peer.hasGateway ? "addon" : "RPC"
        let line = "\(one.operation) \(try await peer.version) \(executor) \(kind.rawValue)\n"
        let file = FileHandle(forWritingAtPath: path)
        if let file {
            try file.seekToEnd()
            try file.write(contentsOf: Data(line.utf8))
            try file.close()
        } else {
            try line.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}
