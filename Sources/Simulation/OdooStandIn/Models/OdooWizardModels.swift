import ExactJSON

/// The wizards that stand between a call and its effect: backorder, consumption, immediate production, quantity.
enum OdooWizardModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        var models = [backorder, backorderLine, consumption, consumptionLine, changeQuantity]
        if version == .v16 { models.append(immediate) }
        return models
    }

    private static func wizard(_ name: String, _ label: String, _ fields: [OdooField]) -> OdooModelDeclaration {
        OdooModelDeclaration(name, label, fields).with {
            $0.isTransient = true
            $0.access = .manufacturing
            $0.recordName = "id"
        }
    }

    private static var backorder: OdooModelDeclaration {
        wizard(
            "mrp.production.backorder", "Wizard to mark as done or create back order",
            [
                .many2many("mrp_production_ids", "Mrp Production", "mrp.production"),
                .one2many(
                    "mrp_production_backorder_line_ids", "Backorder Confirmation Lines",
                    "mrp.production.backorder.line",
                    "mrp_production_backorder_id"),
                .boolean("show_backorder_lines", "Show Backorder Lines").computed { env, id in
                    .bool(env.many("mrp.production.backorder", id, "mrp_production_backorder_line_ids").count > 1)
                },
            ]
        ).with {
            $0.methods["action_backorder"] = .records { (env, call) throws(OdooFault) in
                let lines = env.many(call.model.name, try call.single(), "mrp_production_backorder_line_ids")
                let wanted = lines.filter { env.flag("mrp.production.backorder.line", $0, "to_backorder") }
                    .compactMap { env.one("mrp.production.backorder.line", $0, "mrp_production_id") }
                env.context["mo_ids_to_backorder"] = .array(wanted.map { .int($0) })
                return .json(try env.finish(env.many(call.model.name, call.ids[0], "mrp_production_ids")))
            }
            $0.methods["action_close_mo"] = .records { (env, call) throws(OdooFault) in
                .json(try env.finish(env.many(call.model.name, try call.single(), "mrp_production_ids")))
            }
        }
    }

    private static var backorderLine: OdooModelDeclaration {
        wizard(
            "mrp.production.backorder.line", "Backorder Confirmation Line",
            [
                .many2one("mrp_production_backorder_id", "MO Backorder", "mrp.production.backorder").required.indexed,
                .many2one("mrp_production_id", "Manufacturing Order", "mrp.production").required,
                .boolean("to_backorder", "To Backorder"),
            ])
    }

    private static var consumption: OdooModelDeclaration {
        wizard(
            "mrp.consumption.warning",
            "Wizard in case of consumption in warning/strict and more component has been used for a MO",
            [
                .many2many("mrp_production_ids", "Mrp Production", "mrp.production"),
                .one2many(
                    "mrp_consumption_warning_line_ids", "Mrp Consumption Warning Line", "mrp.consumption.warning.line",
                    "mrp_consumption_warning_id"),
            ]
        ).with {
            $0.methods["action_confirm"] = .records { (env, call) throws(OdooFault) in
                env.context["skip_consumption"] = true
                return .json(try env.resume(env.many(call.model.name, try call.single(), "mrp_production_ids")))
            }
            $0.methods["action_set_qty"] = .records { (env, call) throws(OdooFault) in
                let orders = env.many(call.model.name, try call.single(), "mrp_production_ids")
                for order in orders { env.setProducing(order) }
                return .json(try env.resume(orders))
            }
            $0.methods["action_cancel"] = .records { (env, call) throws(OdooFault) in .json(true) }
        }
    }

    private static var consumptionLine: OdooModelDeclaration {
        wizard(
            "mrp.consumption.warning.line", "Line of issue consumption",
            [
                .many2one("mrp_consumption_warning_id", "Parent Wizard", "mrp.consumption.warning").required.indexed,
                .many2one("mrp_production_id", "Manufacturing Order", "mrp.production").required,
                .many2one("product_id", "Product", "product.product").required, .char("consumption", "Consumption"),
                .many2one("product_uom_id", "Unit of Measure", "uom.uom"),
                .quantity("product_consumed_qty_uom", "Consumed"),
                .quantity("product_expected_qty_uom", "To Consume"),
            ])
    }

    private static var immediate: OdooModelDeclaration {
        wizard(
            "mrp.immediate.production", "Immediate Production",
            [.many2many("mo_ids", "Mo", "mrp.production")]
        ).with {
            $0.methods["process"] = .records { (env, call) throws(OdooFault) in
                let orders = env.many(call.model.name, try call.single(), "mo_ids")
                for order in orders {
                    env.confirmProduction(order)
                    try env.setAll(order)
                }
                env.context["skip_immediate"] = true
                return .json(try env.resume(orders))
            }
        }
    }

    private static var changeQuantity: OdooModelDeclaration {
        wizard(
            "change.production.qty", "Change Production Qty",
            [
                .many2one("mo_id", "Manufacturing Order", "mrp.production").required,
                .quantity("product_qty", "Quantity To Produce").required,
            ]
        ).with {
            $0.methods["change_prod_qty"] = .records { (env, call) throws(OdooFault) in
                for wizard in call.ids {
                    guard let order = env.one(call.model.name, wizard, "mo_id") else { continue }
                    let wanted = env.number(call.model.name, wizard, "product_qty")
                    guard wanted >= env.produced(order) else {
                        throw .userError(
                            "You have already processed \(env.produced(order)). "
                                + "Please input a quantity higher than that."
                        )
                    }
                    env.stamp("mrp.production", order, ["product_qty": .float(wanted)])
                    env.rescale(order)
                    env.assignProduction(order)
                }
                return .json([:])
            }
        }
    }
}

extension OdooEnvironment {
    /// Goes on after the backorder wizard, which asked for all there was to ask.
    fileprivate mutating func finish(_ orders: [Int]) throws(OdooFault) -> JSON {
        context["skip_backorder"] = true
        return try resume(orders)
    }

    /// Calls `button_mark_done` again from a wizard: what filled the wizard is not for it.
    fileprivate mutating func resume(_ orders: [Int]) throws(OdooFault) -> JSON {
        context = context.filter {
            !$0.key.hasPrefix("default_") && !["form_view_ref", "always_backorder_mo_ids"].contains($0.key)
        }
        return try markDone(orders)
    }
}
