import ExactJSON

/// Partners, products, bills of materials, prices, equipment: what other records refer to.
enum MasterDataOperations {
    static let all: [any OdooOperation] = [
        partner, product, variant, BillCreate(billOfMaterials), PriceSet(), equipment, maintenance,
    ]

    static let partner = RecordUpsert(
        "partner.upsert", of: "res.partner", by: "ref", argument: "reference",
        "Writes a partner, found by its reference; made where Odoo does not have it.",
        [
            .init("name", "name", .text(200), "The name; needed for a new one."),
            .init("email", "email", .text(200), "The e-mail address."),
            .init("phone", "phone", .text(100), "The telephone number."),
            .init("street", "street", .text(200), "Street and number."),
            .init("city", "city", .text(200), "The town."),
            .init("zip", "zip", .text(50), "The postal code."),
            .init("country", "country_id", .record(.country), "The country."),
            .init("vat", "vat", .text(50), "The tax number."),
            .init("isCompany", "is_company", .flag, "Whether it is a company."),
            .init("language", "lang", .text(10), "The language, such as `fr_FR`, which must be installed."),
        ], example: ["reference": "C-1042", "name": "Deco GmbH", "isCompany": true, "country": "DE"])

    static let product = RecordUpsert(
        "product.upsert", of: "product.product", by: "default_code", argument: "item",
        "Writes a product, found by its internal reference; made where Odoo does not have it.",
        [
            .init("name", "name", .text(200), "The name; needed for a new one."),
            .init("barcode", "barcode", .text(100), "The barcode."),
            .init("price", "list_price", .number, "The sales price."),
            .init("cost", "standard_price", .number, "The cost."),
            .init("weight", "weight", .number, "Kilograms of one."),
            .init(
                "storable", .changed(in: 18, from: "detailed_type", to: "is_storable"),
                .mapped { $1.version >= 18 ? .flag($0) : .text($0 ? "product" : "consu") },
                "Whether Odoo keeps its stock; else it is taken as always there."),
            .init(
                "tracking", "tracking", .choice([("none", "none"), ("lot", "lot"), ("serial", "serial")]),
                "How single pieces are told apart."),
            .init("category", "categ_id", .record(.productCategory), "The product category."),
        ], example: ["item": "WIRE-1.5", "name": "Wire 1.5 mm²", "storable": true, "tracking": "lot"])

    static let variant = RecordChange(
        "variant.set", of: .variant, "Gives a variant of a product its internal reference, barcode, cost or weight.",
        [
            .init("item", "default_code", .text(200), "The variant's internal reference, which no other product has."),
            .init("barcode", "barcode", .text(100), "The barcode."),
            .init("cost", "standard_price", .number, "The cost."),
            .init("weight", "weight", .number, "Kilograms of one."),
        ],
        example: [
            "product": "Harness 7", "values": ["Length": "2 m", "Color": "Red"], "item": "HARNESS-7-2M-RD",
        ])

    static let billOfMaterials = RecordForm(
        "bom.create", makes: "mrp.bom", "Makes a bill of materials, with the operations of its routing.",
        [
            .init(
                "item", "product_tmpl_id",
                .record(Lookup(model: "product.template", by: ["default_code"], words: "product")), required: true,
                "The product that is made: its internal reference."),
            .init("reference", "code", .text(100), "The bill's own name: its version."),
            .init(
                "quantity", "product_qty", .number, "How many the lines are for, in the product's unit. Default one."),
            .init(
                "components", "bom_line_ids",
                .lines([
                    .init("item", "product_id", .item, required: true, "The component's internal reference."),
                    .init(
                        "quantity", "product_qty", .amount(unit: "product_uom_id"), required: true, "How much of it."),
                ]), required: true, "What goes in."),
            .init(
                "operations", "operation_ids",
                .lines([
                    .init("name", "name", .text(200), required: true, "The operation's name."),
                    .init("workcenter", "workcenter_id", .record(.workCenter), required: true, "Where it is done."),
                    .init("minutes", "time_cycle_manual", .number, "Minutes for one."),
                ]), "The steps of the routing."),
            .init(
                "byproducts", "byproduct_ids",
                .lines([
                    .init("item", "product_id", .item, required: true, "The by-product's internal reference."),
                    .init(
                        "quantity", "product_qty", .amount(unit: "product_uom_id"), required: true, "How much of it."),
                ]), "What comes out beside the product."),
        ],
        example: [
            "item": "HARNESS-7", "reference": "v2",
            "components": [["item": "WIRE-1.5", "quantity": ["value": "12.5", "unit": "m"]]],
        ])

    static let equipment = RecordUpsert(
        "equipment.upsert", of: "maintenance.equipment", by: "serial_no", argument: "serial",
        "Writes a piece of equipment, found by its serial number; made where this user sees none.",
        [
            .init("name", "name", .text(200), "The name; needed for a new one."),
            .init("model", "model", .text(100), "The maker's model."),
            .init("technician", "technician_user_id", .record(.user), "Who looks after it."),
            .init("note", "note", .html, "What should be known of it."),
        ], example: ["serial": "SN-2241", "name": "CNC01"])

    static let maintenance = RecordChange(
        "maintenance.update", of: .named("request", .maintenance), "Moves a maintenance request on.",
        [
            .init("stage", "stage_id", .record(.maintenanceStage), "The stage, by its English name: `Repaired`."),
            .init("technician", "user_id", .record(.user), "Who does it."),
            .init("scheduled", "schedule_date", .instant, "When it is to be done."),
            .init("hours", "duration", .number, "How many hours it took."),
        ], example: ["request": "CNC01: Spindle vibration above 7 mm/s", "stage": "Repaired"])
}
