import ExactJSON

/// The windows that ask before a transfer is validated: whether the rest is kept, and (16) whether all moves at once.
enum OdooPickingWizards {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        let backorder = [
            confirmation(
                "stock.backorder.confirmation", "Backorder Confirmation",
                lines: "backorder_confirmation_line_ids", parent: "backorder_confirmation_id", wanted: "to_backorder"
            ).with {
                $0.methods["process"] = .records { (env, call) throws(OdooFault) in
                    .json(try env.keepRest(try call.single()))
                }
                $0.methods["process_cancel_backorder"] = .records { (env, call) throws(OdooFault) in
                    let pickings = env.many(call.model.name, try call.single(), "pick_ids")
                    return .json(try env.validateAgain(skip: "skip_backorder", giveUp: pickings))
                }
            },
            line(
                "stock.backorder.confirmation.line", "Backorder Confirmation Line", "stock.backorder.confirmation",
                parent: "backorder_confirmation_id", wanted: ("to_backorder", "To Backorder")),
        ]
        guard version == .v16 else { return backorder }
        return backorder + [
            confirmation(
                "stock.immediate.transfer", "Immediate Transfer", lines: "immediate_transfer_line_ids",
                parent: "immediate_transfer_id", wanted: "to_immediate"
            ).with {
                $0.methods["process"] = .records { (env, call) throws(OdooFault) in
                    .json(try env.moveAtOnce(try call.single()))
                }
            },
            line(
                "stock.immediate.transfer.line", "Immediate Transfer Line", "stock.immediate.transfer",
                parent: "immediate_transfer_id", wanted: ("to_immediate", "To Process")),
        ]
    }

    private static func wizard(_ name: String, _ label: String, _ fields: [OdooField]) -> OdooModelDeclaration {
        OdooModelDeclaration(name, label, fields).with {
            $0.isTransient = true
            $0.access = OdooAccess(readers: [.stockUser], writers: [.stockUser])
            $0.recordName = "id"
        }
    }

    private static func confirmation(
        _ name: String, _ label: String, lines: String, parent: String, wanted: String
    ) -> OdooModelDeclaration {
        wizard(
            name, label,
            [
                .many2many("pick_ids", "Pick", "stock.picking"), .boolean("show_transfers", "Show Transfers"),
                .one2many(lines, "\(label) Lines", "\(name).line", parent),
            ]
        ).with {
            // Each of the transfers is meant unless the caller says otherwise.
            $0.behaviour.created = { (env, id, names) throws(OdooFault) in
                guard !names.contains(lines) else { return }
                for picking in env.many(name, id, "pick_ids") {
                    _ = env.insert("\(name).line", [parent: .id(id), "picking_id": .id(picking), wanted: true])
                }
            }
        }
    }

    private static func line(
        _ name: String, _ label: String, _ parentModel: String, parent: String, wanted: (String, String)
    ) -> OdooModelDeclaration {
        wizard(
            name, label,
            [
                .many2one(parent, "Immediate Transfer", parentModel).indexed,
                .many2one("picking_id", "Transfer", "stock.picking"), .boolean(wanted.0, wanted.1),
            ])
    }
}

extension OdooEnvironment {
    /// The backorder wizard's answer: backorders for the lines that want one.
    fileprivate mutating func keepRest(_ wizard: Int) throws(OdooFault) -> JSON {
        let model = "stock.backorder.confirmation"
        let spared = many(model, wizard, "backorder_confirmation_line_ids").filter {
            !flag(model + ".line", $0, "to_backorder")
        }
        return try validateAgain(
            skip: "skip_backorder", giveUp: spared.compactMap { one(model + ".line", $0, "picking_id") })
    }

    fileprivate mutating func moveAtOnce(_ wizard: Int) throws(OdooFault) -> JSON {
        let model = "stock.immediate.transfer"
        let lines = many(model, wizard, "immediate_transfer_line_ids").filter {
            flag(model + ".line", $0, "to_immediate")
        }
        for picking in lines.compactMap({ one(model + ".line", $0, "picking_id") }) {
            if text("stock.picking", picking, "state") == "draft" {
                try confirmPicking(picking)
                if text("stock.picking", picking, "state") != "assigned" { try assignPickings([picking]) }
                guard text("stock.picking", picking, "state") == "assigned" else {
                    throw .userError(
                        "Could not reserve all requested products. Please use the 'Mark as Todo' button to handle the "
                            + "reservation manually.")
                }
            }
            takeReserved(picking)
        }
        return try validateAgain(skip: "skip_immediate", giveUp: [])
    }

    /// Calls `button_validate` again from a wizard, for the transfers that it was opened for.
    fileprivate mutating func validateAgain(skip: String, giveUp: [Int]) throws(OdooFault) -> JSON {
        let pickings = (context["button_validate_picking_ids"]?.array ?? []).compactMap(\.int)
        guard !pickings.isEmpty else { return true }
        context[skip] = true
        if !giveUp.isEmpty { context["picking_ids_not_to_backorder"] = .array(giveUp.map { .int($0) }) }
        return try validatePickings(pickings)
    }
}
