/// What goods are packed in: packages, and their types.
enum OdooPackageModels {
    /// The model's name: 19 gave it a new one.
    static func name(_ version: OdooStandInVersion) -> String {
        version == .v19 ? "stock.package" : "stock.quant.package"
    }

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [types, packages(version)] }

    private static var types: OdooModelDeclaration {
        OdooModelDeclaration(
            "stock.package.type", "Stock package type",
            [
                .char("name", "Package Type").required, .integer("sequence", "Sequence").or(.integer(1)),
                .integer("height", "Height"), .integer("width", "Width"), .integer("packaging_length", "Length"),
                .float("base_weight", "Weight"), .float("max_weight", "Max Weight"),
                .char("barcode", "Barcode").notCopied.indexed, .many2one("company_id", "Company", "res.company"),
            ]
        ).with {
            $0.access = OdooAccess(readers: [.stockUser, .salesUser], writers: [.stockManager])
            $0.order = "sequence, id"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                guard let barcode = values["barcode"], !barcode.isEmpty,
                    env.first("stock.package.type", where: "barcode", is: barcode) != nil
                else { return }
                throw .validation(
                    "The operation cannot be completed: A barcode can only be assigned to one package type"
                        + (env.version == .v19 ? "!" : " !"))
            }
        }
    }

    private static func packages(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let model = name(version)
        var fields: [OdooField] = [
            .char("name", "Package Reference").required.notCopied.indexed,
            .one2many("quant_ids", "Bulk Content", "stock.quant", "package_id").readonly,
            .many2one("package_type_id", "Package Type", "stock.package.type"),
            .many2one("location_id", "Location", "stock.location").computed { env, id in
                env.content(of: id).first.map { env.value("stock.quant", $0, "location_id") } ?? .empty
            },
            .many2one("company_id", "Company", "res.company").computed { env, id in
                env.content(of: id).first.map { env.value("stock.quant", $0, "company_id") } ?? .empty
            },
            .date("pack_date", "Pack Date").orElse { .day(OdooTime.day($0.now)) },
        ]
        if version < .v19 {
            fields.append(
                .selection(
                    "package_use", "Package Use",
                    [("disposable", "Disposable Box"), ("reusable", "Reusable Box")]
                ).required.or("disposable"))
        } else {
            fields += [
                .many2one("parent_package_id", "Container", model),
                .char("complete_name", "Full Package Name").computed { .text($0.displayName(model, $1)) },
            ]
        }
        if version >= .v18 { fields.append(.float("shipping_weight", "Shipping Weight")) }
        return OdooModelDeclaration(model, version == .v19 ? "Package" : "Packages", fields).with {
            $0.access = OdooAccess(readers: [], writers: [.stockUser])
            $0.order = version == .v19 ? "name, id" : "name"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                guard values["name"]?.isEmpty != false else { return }
                values["name"] = .text(env.next(model, prefix: "PACK", width: 7))
            }
        }
    }
}

extension OdooEnvironment {
    /// The quants in a package.
    func content(of package: Int) -> [Int] {
        children("stock.quant", "package_id", of: package).filter { number("stock.quant", $0, "quantity") != 0 }
    }

    /// Refuses a package that would lie in two places.
    func checkPackages(_ packages: Set<Int>) throws(OdooFault) {
        for package in packages {
            let places = Set(
                content(of: package).filter { number("stock.quant", $0, "quantity") > 0 }.map {
                    one("stock.quant", $0, "location_id") ?? 0
                })
            guard places.count > 1 else { continue }
            throw .userError(
                "You cannot move the same package content more than once in the same transfer or split the same "
                    + "package into two location.")
        }
    }
}
