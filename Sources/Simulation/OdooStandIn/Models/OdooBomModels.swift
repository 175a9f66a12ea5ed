/// Bills of materials with their lines, by-products and operations.
enum OdooBomModels {
    static let consumption = [("flexible", "Allowed"), ("warning", "Allowed with warning"), ("strict", "Blocked")]

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [boms(version), lines, byproducts, operations(version)]
    }

    private static func boms(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            "mrp.bom", "Bill of Material",
            [
                .char("code", "Reference").indexed, .boolean("active", "Active").or(true),
                .selection("type", "BoM Type", [("normal", "Manufacture this product"), ("phantom", "Kit")]).required
                    .or("normal"),
                .many2one("product_tmpl_id", "Product", "product.template").required.indexed,
                .many2one("product_id", "Product Variant", "product.product"),
                .quantity("product_qty", "Quantity").required.or(.float(1)),
                .many2one("product_uom_id", "Unit of Measure", "uom.uom").required,
                .integer("sequence", "Sequence"), .many2one("company_id", "Company", "res.company").or(.id(1)),
                .selection(
                    "ready_to_produce", "Manufacturing Readiness",
                    [("all_available", "All available"), ("asap", "As soon as possible")]
                )
                .or("all_available"),
                .selection("consumption", "Flexible Consumption", consumption).required.or("warning"),
                .boolean("allow_operation_dependencies", "Operation Dependencies"),
                .one2many("bom_line_ids", "BoM Lines", "mrp.bom.line", "bom_id"),
                .one2many("byproduct_ids", "By-products", "mrp.bom.byproduct", "bom_id"),
                .one2many("operation_ids", "Operations", "mrp.routing.workcenter", "bom_id"),
                .many2one("picking_type_id", "Operation Type", "stock.picking.type"),
            ]
        ).with {
            $0.access = .manufacturingSetup
            $0.recordName = "code"
            $0.order = "sequence, id"
            $0.behaviour.displayName = { env, id in
                let product =
                    env.one("mrp.bom", id, "product_tmpl_id").map { env.displayName("product.template", $0) } ?? ""
                let code = env.text("mrp.bom", id, "code")
                return code.isEmpty ? product : "\(code): \(product)"
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if values["product_tmpl_id"] == nil, let product = values["product_id"]?.id {
                    values["product_tmpl_id"] = env.value("product.product", product, "product_tmpl_id")
                }
                if values["product_uom_id"] == nil, let template = values["product_tmpl_id"]?.id {
                    values["product_uom_id"] = env.value("product.template", template, "uom_id")
                }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                let used = env.table("mrp.production").ids.contains {
                    ids.contains(env.one("mrp.production", $0, "bom_id") ?? 0)
                        && !["done", "cancel"].contains(env.text("mrp.production", $0, "state"))
                }
                guard used else { return }
                throw .userError(
                    "You can not delete a Bill of Material with running manufacturing orders.\n"
                        + "Please close or cancel it first.")
            }
        }
    }

    private static var lines: OdooModelDeclaration {
        OdooModelDeclaration(
            "mrp.bom.line", "Bill of Material Line",
            [
                .many2one("bom_id", "Parent BoM", "mrp.bom").required.indexed,
                .many2one("product_id", "Component", "product.product").required,
                .many2one("product_tmpl_id", "Product Template", "product.template").related(
                    "product_id.product_tmpl_id"),
                .quantity("product_qty", "Quantity").required.or(.float(1)),
                .many2one("product_uom_id", "Unit of Measure", "uom.uom").required,
                .integer("sequence", "Sequence").or(.integer(1)),
                .many2one("operation_id", "Consumed in Operation", "mrp.routing.workcenter"),
            ]
        ).with {
            $0.access = .manufacturingSetup
            $0.recordName = "product_id"
            $0.order = "sequence, id"
            $0.behaviour.displayName = { env, id in
                env.one("mrp.bom.line", id, "product_id").map { env.displayName("product.product", $0) } ?? ""
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if values["product_uom_id"] == nil, let product = values["product_id"]?.id {
                    values["product_uom_id"] = env.value("product.product", product, "uom_id")
                }
            }
        }
    }

    private static var byproducts: OdooModelDeclaration {
        OdooModelDeclaration(
            "mrp.bom.byproduct", "Byproduct",
            [
                .many2one("bom_id", "BoM", "mrp.bom").required.indexed,
                .many2one("product_id", "By-product", "product.product").required,
                .quantity("product_qty", "Quantity").required.or(.float(1)),
                .many2one("product_uom_id", "Unit of Measure", "uom.uom"), .integer("sequence", "Sequence"),
            ]
        ).with {
            $0.access = .manufacturingSetup
            $0.recordName = "id"
            $0.order = "sequence, id"
        }
    }

    private static func operations(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            "mrp.routing.workcenter", "Work Center Usage",
            [
                .char("name", "Operation").required,
                .many2one("bom_id", "Bill of Material", "mrp.bom").required.indexed,
                .many2one("workcenter_id", "Work Center", "mrp.workcenter").required,
                .integer("sequence", "Sequence").or(.integer(100)), .boolean("active", "Active").or(true),
                .selection(
                    "time_mode", "Duration Computation",
                    [("auto", "Compute based on tracked time"), ("manual", "Set duration manually")]
                )
                .or("manual"),
                .float("time_cycle_manual", "Manual Duration").or(.float(60)),
                .float("time_cycle", "Duration").related("time_cycle_manual"),
                .many2many("blocked_by_operation_ids", "Blocked By", "mrp.routing.workcenter"),
            ]
        ).with {
            $0.access = .manufacturingSetup; $0.order = "bom_id, sequence, id"
        }
    }
}
