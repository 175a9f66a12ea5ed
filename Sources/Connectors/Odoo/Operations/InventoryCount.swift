import Contracts
import ExactJSON

/// `inventory.count`: what was counted at a place becomes the stock there.
struct InventoryCount: OdooOperation {
    static let name = "inventory.count"

    let spec = OperationSpec(
        name: Self.name,
        summary: """
            Sets the stock of a product at a location to what was counted. Odoo books the difference as an inventory \
            adjustment.
            """,
        arguments: [
            .init("item", .text, required: true, "The product's internal reference."),
            .init("location", .any, required: true, "The location, by full name or barcode."),
            .init("quantity", .quantity, required: true, "What was counted in all, zero included, with its unit."),
            .init("lot", .text, "The lot or serial number; needed where the product is tracked."),
            .init(
                "package", .text,
                "The package that was counted; made where Odoo has none of the name. Without it what lies loose, where "
                    + "none of it there is packed."),
            .init("time", .instant, "When it was counted; for the trace."),
        ],
        promise: """
            Never doubled: the adjustment carries a name of the command's key, by which it is found again. Where the \
            stock agrees already nothing is booked. Refused where stock of it there lies in packages that are not \
            named or belongs to another owner: a count would leave that stock as it is beside the new one.
            """,
        example: [
            "item": "WIRE-1.5", "location": "WH/Stock", "quantity": ["value": 480, "unit": "m"], "lot": "R-0816",
        ])

    private let model = "stock.quant"

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let marker = ExternalID.name("count", command.idempotencyKey)
        let evidence = PlanEvidence(
            model: "stock.move", subject: .matching([[.string(dialect.moveMarker), "=", .string(marker)]]))
        if let before = try await session.doneBefore(evidence, "was booked before") { return before }
        let product = try await session.directory.product(code: arguments.requiredText("item"))
        let place = try arguments.required("location")
        let location = try await session.directory.record(.location, place)
        let (units, unit) = try await session.directory.unit(product.unit)
        let counted = try units.exactly(arguments.requiredQuantity("quantity"), in: unit)
        guard !counted.isNegative else { throw arguments.wrong("quantity", "not less than 0") }
        let lotName = try arguments.text("lot")
        guard product.tracking == .none || lotName != nil else {
            throw .reject(OdooFailures.lotNeeded, "\(product.label) is tracked by \(product.tracking.rawValue)")
        }
        let lots = try await session.lots(
            lotName.map { [LotNeed(name: $0, product: product.id, company: nil)] } ?? [])
        let packageName = try arguments.text("package")
        let packages = try await session.packages(packageName.map { [$0] } ?? [])
        if let packageName, !counted.isZero {
            try await checkPlace(of: packages, packageName, location, in: session)
        }
        let title = [
            product.label, lotName.map { "lot \($0)" }, packageName.map { "in package \($0)" },
        ].compactMap { $0 }.joined(separator: " ")
        let stock = try await stock(product.id, location, lots, packages, title, unit, in: session)
        let words = "\(title): \(stock) → \(counted) \(unit.name)"
        guard stock != counted else {
            return .settled(
                .accepted(Acceptance(reference: "product.product,\(product.id)", summary: "\(words): agrees")))
        }
        var values: JSON = [
            "product_id": .int(product.id), "location_id": .int(location), "inventory_quantity": .number(counted),
        ]
        if let lot = lots.ids.first { values["lot_id"] = lot }
        if let package = packages.ids.first { values["package_id"] = package }
        let quant = "quant"
        return .ready(
            intent: OdooPlan(
                steps: lots.steps + packages.steps + [
                    // In this mode Odoo takes the stock that is there, and does not make it a second time.
                    .create(model: model, values: values, context: ["inventory_mode": true], alias: quant),
                    .call(
                        model: model, method: "action_apply_inventory", ids: [PlanReference.to(quant)], arguments: [:],
                        context: ["inventory_mode": true, "inventory_name": .string(marker)], when: nil, alias: nil),
                ], evidence: evidence,
                acceptance: Acceptance(reference: "product.product,\(product.id)", summary: words),
                isReadAnew: true
            ).json)
    }

    /// What Odoo has there.
    private func stock(
        _ product: Int, _ location: Int, _ lots: PlannedLots, _ packages: PlannedPackages, _ title: String,
        _ unit: UnitTable.Unit, in session: OdooSession
    ) async throws(OdooError) -> ExactNumber {
        // A lot or package that is yet to be made has no stock.
        guard lots.steps.isEmpty, packages.steps.isEmpty else { return ExactNumber(0) }
        let package = packages.ids.first?.int
        var domain: [JSON] = [
            ["product_id", "=", .int(product)], ["location_id", "=", .int(location)],
            ["lot_id", "=", lots.ids.first ?? false], ["quantity", "!=", 0],
        ]
        if let package { domain.append(["package_id", "=", .int(package)]) }
        let rows = try await session.rows(
            .find(
                model, .array(domain), ["quantity", "package_id", "owner_id"], limit: OdooDirectory.maximumFamily))
        return try CountedStock.quantity(rows, package: package, of: title, in: unit)
    }

    /// That a package with something in it lies where it is counted: a count would tear it apart.
    private func checkPlace(
        of packages: PlannedPackages, _ name: String, _ location: Int, in session: OdooSession
    ) async throws(OdooError) {
        guard let id = packages.ids.first?.int else { return }
        let row = try await session.rows(.read(session.dialect().package, [id], ["location_id"])).first
        guard let place = row?.link("location_id"), place != location else { return }
        throw .reject(
            OdooFailures.wrongState,
            "\(Self.name): the package \(name) lies in \(row?.label("location_id") ?? "#\(place)") in Odoo",
            suggestion: "Move the package there with a transfer, or correct the place, then resubmit.")
    }
}
