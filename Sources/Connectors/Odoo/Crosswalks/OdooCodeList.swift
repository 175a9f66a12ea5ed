package import Contracts
import ExactJSON
package import World

/// One record of Odoo, as a crosswalk leads to it.
package struct OdooCode: Sendable, Hashable {
    /// What a command names it by.
    package let code: String
    /// What tells a person which one it is; empty where the code says it all.
    package let note: String

    package init(_ code: String, _ note: String = "") {
        self.code = code
        self.note = note
    }
}

/// The codes that an Odoo has, as its user sees them: for whoever writes a crosswalk. Reads only.
package struct OdooCodeList: Sendable {
    /// What was read of one table.
    package struct Listing: Sendable, Hashable {
        /// In the order in which Odoo made the records.
        package var codes: [OdooCode] = []
        /// Whether there are more than are read.
        package var isCut = false
    }

    private static let maximumNote = 120

    private let connection: OdooConnection
    /// Records that one call reads.
    private let page: Int
    /// Codes that are read in all.
    private let maximum: Int

    /// From checked settings and the secret that they point to. Never connects.
    package init(settings: Settings, secret: String, world: World) throws(SettingFault) {
        let address = try OdooAddress(settings, secret: secret)
        self.init(address: address, network: world.network)
    }

    /// From values, for a test.
    package init(address: OdooAddress, network: any Network, page: Int = 1_000, maximum: Int = 50_000) {
        connection = OdooConnection(address, network: network)
        self.page = page
        self.maximum = maximum
    }

    /// All codes of a table, page by page. Throws ``Failure`` where Odoo does not answer, or does not have the app.
    package func listing(of table: CodeTable) async throws(Failure) -> Listing {
        do throws(OdooError) {
            return try await read(table)
        } catch {
            throw error.failure
        }
    }

    private func read(_ table: CodeTable) async throws(OdooError) -> Listing {
        let fields = table.names + table.notes.filter { !table.names.contains($0) }
        var listing = Listing()
        var last = 0
        // By number, so that what is made or deleted meanwhile moves no page.
        while listing.codes.count <= maximum {
            let domain: [JSON] = [["id", ">", .int(last)]] + table.domain
            let rows = try await connection.rows(.find(table.model, .array(domain), fields, limit: page))
            listing.codes += rows.compactMap { Self.code(of: $0, table) }
            guard rows.count == page, let end = rows.last?.id, end > last else { break }
            last = end
        }
        listing.isCut = listing.codes.count > maximum
        listing.codes = Array(listing.codes.prefix(maximum))
        return listing
    }

    private static func code(of row: OdooRow, _ table: CodeTable) -> OdooCode? {
        guard let code = table.names.lazy.compactMap({ row.text($0) }).first else { return nil }
        let words = table.notes.compactMap { row.text($0) }.filter { $0 != code }.joined(separator: ", ")
        // One line: a note is for people.
        let line = words.map { $0.isNewline ? " " : String($0) }.joined()
        return OdooCode(code, String(line.prefix(maximumNote)))
    }
}

extension CodeTable {
    fileprivate var model: String {
        switch self {
        case .products: "product.product"
        case .workCenters: "mrp.workcenter"
        case .locations: "stock.location"
        case .units: "uom.uom"
        case .losses: "mrp.workcenter.productivity.loss"
        case .partners: "res.partner"
        }
    }

    /// Which records a command can name.
    fileprivate var domain: [JSON] {
        switch self {
        case .products: [["default_code", "!=", false]]
        case .partners: [["ref", "!=", false]]
        case .locations: [["usage", "!=", "view"]]
        case .workCenters, .units, .losses: []
        }
    }

    /// The fields that commands name the records by; the first one that is filled counts.
    fileprivate var names: [String] {
        switch self {
        case .products: ["default_code"]
        case .workCenters: ["code", "name"]
        case .locations: ["complete_name"]
        case .units, .losses: ["name"]
        case .partners: ["ref"]
        }
    }

    /// The fields that tell a person which record it is.
    fileprivate var notes: [String] {
        switch self {
        case .products, .workCenters, .partners: ["name"]
        case .locations: ["barcode"]
        case .units: []
        case .losses: ["loss_type"]
        }
    }
}
