import Contracts
import ExactJSON

/// A lot or serial number that a write refers to; made at the last moment where Odoo does not have it yet.
struct LotNeed: Sendable, Hashable {
    let name: String
    let product: Int
    let company: Int?

    var json: JSON {
        ["name": .string(name), "product": .int(product), "company": company.map { .int($0) } ?? .null]
    }

    init(name: String, product: Int, company: Int?) {
        self.name = name
        self.product = product
        self.company = company
    }

    /// Reads what ``json`` wrote; nil for anything else.
    init?(_ json: JSON) {
        guard let name = json["name"]?.string, let product = json["product"]?.int else { return nil }
        self.init(name: name, product: product, company: json["company"]?.int)
    }

    /// Stands in a call's values for the id of the lot at `index` of the needs.
    static func placeholder(_ index: Int) -> JSON { ["$lot": .int(index)] }

    /// Puts ids where placeholders stand.
    static func fill(_ value: JSON, _ ids: [Int]) -> JSON {
        switch value {
        case .object(let members):
            if members.count == 1, let index = members["$lot"]?.int, ids.indices.contains(index) {
                return .int(ids[index])
            }
            return .object(members.mapValues { fill($0, ids) })
        case .array(let elements): return .array(elements.map { fill($0, ids) })
        default: return value
        }
    }
}

extension OdooCall {
    /// The call with ids where lots' placeholders stand.
    func filling(_ lots: [Int]) -> OdooCall {
        guard !lots.isEmpty else { return self }
        return OdooCall(
            model, method, ids: ids, positional.mapValues { LotNeed.fill($0, lots) }, named: named, context: context,
            isWrite: isWrite)
    }
}

extension OdooSession {
    /// The ids of lots; those that Odoo does not have are made.
    func ensure(_ lots: [LotNeed]) async throws(OdooError) -> [Int] {
        var ids: [Int] = []
        for lot in lots { ids.append(try await ensure(lot)) }
        return ids
    }

    private func ensure(_ lot: LotNeed) async throws(OdooError) -> Int {
        if let id = try await directory.lot(lot.name, product: lot.product, company: lot.company) { return id }
        var company = lot.company
        if company == nil, try await dialect().lotNeedsCompany { company = try await directory.company() }
        var values: JSON = ["name": .string(lot.name), "product_id": .int(lot.product)]
        if let company { values["company_id"] = .int(company) }
        var refusal: OdooError?
        do {
            // The answer is not used: an early 18.0 answers with text.
            _ = try await connection.call(.create("stock.lot", [values]))
        } catch {
            // Somebody may have made the same lot in this moment: looking again tells.
            guard error.failure.kind == OdooFailures.constraint else { throw error }
            refusal = error
        }
        if let id = try await directory.lot(lot.name, product: lot.product, company: company) { return id }
        throw refusal ?? .reject(OdooFailures.lotNeeded, "the lot \"\(lot.name)\" cannot be made in Odoo")
    }
}
