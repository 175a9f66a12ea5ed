import ExactJSON

/// Places, warehouses, operation types, lots and what lies where.
enum OdooStockModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [
            locations(version), warehouses, pickingTypes(version), lots(version), OdooQuantModels.quants(version),
            references(version),
        ]
    }

    private static func locations(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields: [OdooField] = [
            .char("name", "Location Name").required, .boolean("active", "Active").or(true),
            .selection(
                "usage", "Location Type",
                [
                    ("supplier", "Vendor"), ("view", "Virtual"), ("internal", "Internal"), ("customer", "Customer"),
                    ("inventory", "Inventory Loss"), ("production", "Production"), ("transit", "Transit"),
                ]
            ).required.or("internal"),
            .many2one("location_id", "Parent Location", "stock.location").indexed,
            .one2many("child_ids", "Contains", "stock.location", "location_id"),
            .many2one("company_id", "Company", "res.company").or(.id(1)), .char("barcode", "Barcode").indexed,
            .char("complete_name", "Full Location Name").computed { .text($0.displayName("stock.location", $1)) },
            .many2one("warehouse_id", "Warehouse", "stock.warehouse").computed { env, id in
                env.warehouse(of: id).map { .id($0) } ?? .empty
            },
        ]
        if version < .v19 { fields.append(.boolean("scrap_location", "Is a Scrap Location?")) }
        return OdooModelDeclaration("stock.location", "Inventory Locations", fields).with {
            $0.access = .stockSetup
            $0.order = "complete_name, id"
            $0.behaviour.displayName = { env, id in
                var names = [env.text("stock.location", id, "name")]
                var place = id
                while names.count < 50, let parent = env.one("stock.location", place, "location_id"),
                    env.text("stock.location", place, "usage") != "view"
                {
                    names.append(env.text("stock.location", parent, "name"))
                    place = parent
                }
                return names.reversed().joined(separator: "/")
            }
        }
    }

    private static var warehouses: OdooModelDeclaration {
        OdooModelDeclaration(
            "stock.warehouse", "Warehouse",
            [
                .char("name", "Warehouse").required, .char("code", "Short Name").required,
                .boolean("active", "Active").or(true),
                .many2one("company_id", "Company", "res.company").or(.id(1)),
                .many2one("lot_stock_id", "Location Stock", "stock.location"),
                .many2one("view_location_id", "View Location", "stock.location"),
                .many2one("manu_type_id", "Manufacturing Operation Type", "stock.picking.type"),
                .many2one("in_type_id", "In Type", "stock.picking.type"),
                .many2one("out_type_id", "Out Type", "stock.picking.type"),
                .many2one("int_type_id", "Internal Type", "stock.picking.type"),
            ]
        ).with { $0.access = .stockSetup }
    }

    private static func pickingTypes(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            "stock.picking.type", "Picking Type",
            [
                .char("name", "Operation Type").required, .boolean("active", "Active").or(true),
                .selection(
                    "code", "Type of Operation",
                    [
                        ("incoming", "Receipt"), ("outgoing", "Delivery"), ("internal", "Internal Transfer"),
                        ("mrp_operation", "Manufacturing"),
                    ]
                ).required,
                .integer("sequence", "Sequence"), .char("barcode", "Barcode"),
                .boolean("use_create_lots", "Create New Lots/Serial Numbers").or(true),
                .boolean("use_existing_lots", "Use Existing Lots/Serial Numbers").or(true),
                .selection(
                    "create_backorder", "Create Backorder",
                    [("ask", "Ask"), ("always", "Always"), ("never", "Never")]
                ).required.or("ask"),
                .char("sequence_code", "Sequence Prefix"), .many2one("warehouse_id", "Warehouse", "stock.warehouse"),
                .many2one("default_location_src_id", "Source Location", "stock.location"),
                .many2one("default_location_dest_id", "Destination Location", "stock.location"),
                .many2one("company_id", "Company", "res.company").or(.id(1)),
            ]
        ).with {
            $0.access = .stockSetup
            $0.order = "sequence, id"
            $0.behaviour.displayName = { env, id in
                let name = env.text("stock.picking.type", id, "name")
                guard let warehouse = env.one("stock.picking.type", id, "warehouse_id") else { return name }
                return "\(env.text("stock.warehouse", warehouse, "name")): \(name)"
            }
        }
    }

    private static func lots(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let company = OdooField.many2one("company_id", "Company", "res.company")
        let fields: [OdooField] = [
            .char("name", "Lot/Serial Number").required.indexed, .char("ref", "Internal Reference"),
            .many2one("product_id", "Product", "product.product").required.indexed,
            version < .v18 ? company.required : company, .html("note", "Description"),
            .many2one("product_uom_id", "Unit of Measure", "uom.uom").related("product_id.uom_id"),
            .quantity("product_qty", "On Hand Quantity").computed { env, id in
                .float(
                    env.quants(lot: id).filter { env.isInternal(env.one("stock.quant", $0, "location_id") ?? 0) }
                        .reduce(0) { $0 + env.number("stock.quant", $1, "quantity") })
            },
            .one2many("quant_ids", "Quants", "stock.quant", "lot_id"), .datetime("expiration_date", "Expiration Date"),
        ]
        return OdooModelDeclaration("stock.lot", "Lot/Serial", fields).with {
            $0.access = .stock
            $0.order = "name, id"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if values["name"]?.isEmpty != false {
                    values["name"] = .text(env.next("stock.lot", prefix: "", width: 7))
                }
                guard let product = values["product_id"]?.id, let name = values["name"] else { return }
                if env.version < .v18, values["company_id"] == nil { return }
                let twins = env.lots(named: name.text ?? "", of: product)
                guard !twins.isEmpty else { return }
                let head =
                    env.version <= .v17
                    ? "The combination of serial number and product must be unique across a company.\n"
                        + "Following combination contains duplicates:"
                    : "The combination of lot/serial number and product must be unique within a company including when "
                        + "no company is defined.\nThe following combinations contain duplicates:"
                let kind = env.version <= .v17 ? "Serial Number" : "Lot/Serial Number"
                throw .validation(
                    "\(head)\n - Product: \(env.displayName("product.product", product)), \(kind): \(name.text ?? "")")
            }
            $0.methods["create"] = .model("vals_list") { (env, call) throws(OdooFault) in try createLots(&env, call) }
            $0.methods["create"]?.takesMore = true
        }
    }

    /// `create`, with the early 18.0's lost decorator where the settings want it: the list of values is then the second
    /// argument, and the answer a recordset as a text.
    private static func createLots(_ env: inout OdooEnvironment, _ call: OdooCall) throws(OdooFault) -> OdooResult {
        var objects: [JSONObject] = (call["vals_list"]?.array ?? []).compactMap(\.object)
        if let one = call["vals_list"]?.object { objects = [one] }
        let early = env.version == .v18 && env.settings.hasEarlyLotCreate
        if early {
            guard let second = call.rest.first else {
                throw .typeError("StockLot.create() missing 1 required positional argument: 'vals_list'")
            }
            objects = (second.array ?? [second]).compactMap(\.object)
        }
        var ids: [Int] = []
        for object in objects {
            ids.append(
                try env.create(call.model, Dictionary(object.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })))
        }
        if early {
            let list = ids.map(String.init).joined(separator: ", ") + (ids.count == 1 ? "," : "")
            return .json(.string("stock.lot(\(list))"))
        }
        if call["vals_list"]?.object != nil, let id = ids.first { return .json(.int(id)) }
        return .json(.array(ids.map { .int($0) }))
    }

    /// What binds an order and its backorders together: a procurement group, from 19 on a production group.
    private static func references(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            version == .v19 ? "mrp.production.group" : "procurement.group",
            version == .v19 ? "Production Group" : "Procurement Group", [.char("name", "Name").required]
        ).with { $0.access = .stock }
    }
}

extension OdooEnvironment {
    mutating func installStock() {
        func place(_ external: String, _ name: String, _ usage: String, in parent: Int?) -> OdooValues {
            ["name": .text(name), "usage": .text(usage), "location_id": parent.map { .id($0) } ?? .empty]
        }
        let virtual = data(
            "stock.stock_location_locations_virtual", "stock.location", place("", "Virtual Locations", "view", in: nil))
        let partners = data(
            "stock.stock_location_locations_partner", "stock.location", place("", "Partners", "view", in: nil))
        let suppliers = data(
            "stock.stock_location_suppliers", "stock.location", place("", "Vendors", "supplier", in: partners))
        let customers = data(
            "stock.stock_location_customers", "stock.location", place("", "Customers", "customer", in: partners))
        let view = insert("stock.location", place("", "WH", "view", in: nil))
        let stock = data("stock.stock_location_stock", "stock.location", place("", "Stock", "internal", in: view))
        // From 19 on the virtual places stand by themselves.
        let above = version == .v19 ? nil : virtual
        _ = data(
            "stock.location_inventory", "stock.location", place("", "Inventory adjustment", "inventory", in: above))
        _ = data("stock.location_production", "stock.location", place("", "Production", "production", in: above))
        if version < .v19 {
            var scrap = place("", "Scrap", "inventory", in: above)
            scrap["scrap_location"] = true
            _ = data("stock.stock_location_scrapped", "stock.location", scrap)
        }
        let warehouse = data(
            "stock.warehouse0", "stock.warehouse",
            ["name": "YourCompany", "code": "WH", "lot_stock_id": .id(stock), "view_location_id": .id(view)])
        var types: OdooValues = [:]
        // From 18 on a type says both places; before, the outside one goes without saying.
        let outside = version >= .v18
        for (field, name, code, prefix, word, sequence) in [
            ("in_type_id", "Receipts", "incoming", "IN", "RECEIPTS", 1),
            ("out_type_id", "Delivery Orders", "outgoing", "OUT", "DELIVERY", 7),
            ("int_type_id", "Internal Transfers", "internal", "INT", "INTERNAL", 4),
            ("manu_type_id", "Manufacturing", "mrp_operation", "MO", "", 10),
        ] {
            var values: OdooValues = [
                "name": .text(name), "code": .text(code), "sequence_code": .text(prefix),
                "warehouse_id": .id(warehouse), "sequence": .integer(sequence),
                "default_location_src_id": .id(stock), "default_location_dest_id": .id(stock),
                "use_create_lots": .bool(["incoming", "mrp_operation"].contains(code)),
                "use_existing_lots": .bool(code != "incoming"),
            ]
            if !word.isEmpty { values["barcode"] = .text(outside ? "WH\(prefix)" : "WH-\(word)") }
            if code == "incoming" { values["default_location_src_id"] = outside ? .id(suppliers) : .empty }
            if code == "outgoing" { values["default_location_dest_id"] = outside ? .id(customers) : .empty }
            types[field] = .id(insert("stock.picking.type", values))
        }
        assign("stock.warehouse", warehouse, types)
    }

    /// The warehouse that a place lies in.
    func warehouse(of place: Int) -> Int? {
        table("stock.warehouse").ids.first {
            one("stock.warehouse", $0, "view_location_id").map { isPlace(place, in: $0) } ?? false
        }
    }

    /// The place known by that external id of the module `stock`.
    func place(_ name: String) -> Int { record("stock.\(name)") ?? 0 }

    var stockPlace: Int { place("stock_location_stock") }
    var productionPlace: Int { place("location_production") }
    var inventoryPlace: Int { place("location_inventory") }
    /// Where scrap goes: a scrap location, from 19 on the inventory adjustments.
    var scrapPlace: Int { version == .v19 ? inventoryPlace : place("stock_location_scrapped") }

    func lots(named name: String, of product: Int) -> [Int] {
        let model = model("stock.lot")
        guard let slot = model.fields["name"]?.slot else { return [] }
        return (table("stock.lot").ids(where: slot, is: .text(name)) ?? []).filter {
            one("stock.lot", $0, "product_id") == product
        }
    }
}
