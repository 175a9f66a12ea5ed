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
}

/// Lots as a plan names them: by id where Odoo has them, else as what a step makes at the last moment.
struct PlannedLots: Sendable {
    var ids: [JSON] = []
    var steps: [PlanStep] = []

    /// What stands for the lot at `index` where a step makes it.
    static func reference(_ index: Int) -> JSON { PlanReference.to(alias(index)) }
    static func alias(_ index: Int) -> String { "lot\(index)" }

    /// The ids of those that Odoo has, by the name of their reference.
    var known: [String: Int] {
        var known: [String: Int] = [:]
        for (index, id) in ids.enumerated() { known[Self.alias(index)] = id.int }
        return known
    }
}

extension OdooSession {
    func lots(_ needs: [LotNeed]) async throws(OdooError) -> PlannedLots {
        var planned = PlannedLots()
        for need in needs {
            if let id = try await directory.lot(need.name, product: need.product, company: need.company) {
                planned.ids.append(.int(id))
                continue
            }
            var company = need.company
            if company == nil, try await dialect().lotNeedsCompany { company = try await directory.company() }
            planned.steps.append(need.making(company: company, as: PlannedLots.alias(planned.ids.count)))
            planned.ids.append(PlannedLots.reference(planned.ids.count))
        }
        return planned
    }
}

/// Packages as a plan names them: by id where Odoo has them, else as what a step makes at the last moment.
struct PlannedPackages: Sendable {
    var ids: [JSON] = []
    var steps: [PlanStep] = []
}

extension OdooSession {
    func packages(_ names: [String]) async throws(OdooError) -> PlannedPackages {
        var planned = PlannedPackages()
        guard !names.isEmpty else { return planned }
        let model = try await dialect().package
        let known = try await rows(
            .find(model, [["name", "in", .array(names.map { .string($0) })]], ["name"], limit: FormReader.maximumLines))
        for name in names {
            let own = known.filter { $0.text("name") == name }
            guard own.count < 2 else {
                throw .reject(
                    OdooFailures.recordAmbiguous,
                    "several packages are called \"\(name)\": "
                        + own.map { "#\($0.id)" }.joined(separator: ", "))
            }
            if let id = own.first?.id {
                planned.ids.append(.int(id))
                continue
            }
            let alias = "package\(planned.ids.count)"
            planned.steps.append(
                .ensure(
                    model: model, domain: [["name", "=", .string(name)]], values: ["name": .string(name)], alias: alias)
            )
            planned.ids.append(PlanReference.to(alias))
        }
        return planned
    }
}

extension LotNeed {
    /// What finds the lot, or makes it. Odoo keeps its name unique for a product and a company.
    func making(company: Int?, as alias: String) -> PlanStep {
        var domain: [JSON] = [["name", "=", .string(name)], ["product_id", "=", .int(product)]]
        var values: JSON = ["name": .string(name), "product_id": .int(product)]
        if let company {
            domain.append(["company_id", "in", [false, .int(company)]])
            values["company_id"] = .int(company)
        }
        return .ensure(model: "stock.lot", domain: .array(domain), values: values, alias: alias)
    }
}
