import Canonical
import Contracts
import ExactJSON
import OdooConnector
import Testing

/// Those that count records of a whole database: one after the other, as they share the databases.
@Suite("records of each Odoo at hand", .serialized)
enum PeersRecords {}

extension PeersRecords {
    @Suite(
        "scrap, downtime and maintenance against each Odoo at hand", .serialized,
        .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct RecordPeerTests {
        /// Delivers a command under every fault, then once more: it must be in effect once.
        private func hammer(
            _ desk: Desk, _ network: FaultyNetwork, _ operation: String, _ arguments: JSON, losing methods: [String]
        ) async throws {
            for (index, method) in methods.enumerated() {
                for (name, fault) in [
                    ("answer", FaultyNetwork.Fault.answerLost), ("sending", .notSent), ("gateway", .gateway(502)),
                ] {
                    let command = await desk.command(operation, arguments, key: "\(operation)/\(index)/\(name)")
                    await network.arm(method, fault)
                    let (outcome, attempt) = await desk.attempt(command)
                    if case .accepted = outcome {
                        Issue.record("\(method) was armed with \(name), and the command was accepted")
                    }
                    // As the engine does: ask, and only where nothing is found prepare and perform again.
                    let inquiry = await desk.inquire(try #require(attempt)).brief
                    if inquiry == "notFound" {
                        let again = await desk.attempt(command).0
                        #expect(again.brief == "accepted", "\(String(describing: again.failure))")
                    } else {
                        #expect(inquiry == "happened")
                    }
                    let repeated = await desk.attempt(command)
                    #expect(
                        repeated.0.brief == "accepted" && repeated.1 == nil,
                        "a repeated command must find what is there")
                }
            }
        }

        @Test("scrap is scrapped once, whatever is lost", arguments: Peer.all)
        func scrap(_ peer: Peer) async throws {
            let order = try await peer.order("scrap", quantity: 50)
            let network = FaultyNetwork(peer.network)
            let desk = peer.desk("scrap", through: network)
            let arguments: JSON = [
                "order": .string(order.origin), "quantity": pieces(2), "reason": .string("Scratched"),
            ]
            try await hammer(desk, network, "scrap.record", arguments, losing: ["load", "do_scrap"].map(peer.carrier))
            let scraps = try await peer.find(
                "stock.scrap", [["production_id", "=", .int(order.id)]], ["state", "scrap_qty", "origin"])
            #expect(scraps.count == 6)
            #expect(scraps.allSatisfy { $0["state"]?.string == "done" && $0["scrap_qty"]?.int == 2 })
            #expect(scraps.allSatisfy { $0["origin"]?.string?.hasSuffix(": Scratched") == true })
            let moves = try await peer.find(
                "stock.move", [["product_id", "=", .int(order.product)], ["state", "=", "done"]], ["state"])
            #expect(moves.count == 6)
            #expect(try await peer.reader.orders(origins: [order.origin])[order.origin]?.scrap == ExactNumber(12))
        }

        @Test("scrap that Odoo has no stock for waits for a person where the settings say so", arguments: Peer.all)
        func shortStock(_ peer: Peer) async throws {
            let order = try await peer.order("shortage", quantity: 50, tracking: .lot)
            let desk = peer.desk("shortage", OdooOptions(orderBy: .origin, shortage: .reject))
            let arguments: JSON = ["item": .string(order.item), "quantity": pieces(2), "lot": .string("S-\(peer.run)")]
            #expect(await desk.deliver("scrap.record", arguments, key: "a").brief == "rejected ODOO-032")
            let recorder = peer.desk("shortage")
            let outcome = await recorder.deliver("scrap.record", arguments, key: "a")
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            let scraps = try await peer.find(
                "stock.scrap", [["product_id", "=", .int(order.product)]], ["state", "lot_id"])
            #expect(scraps.count == 1 && scraps.first?["state"]?.string == "done")
            #expect(await recorder.deliver("scrap.record", ["quantity": pieces(2)]).brief == "rejected ODOO-020")
            #expect(
                await recorder.deliver("scrap.record", ["item": .string(order.item), "quantity": pieces(0)]).brief
                    == "rejected ODOO-020")
        }

        @Test("a downtime is one line, with its real minutes even at night", arguments: Peer.all)
        func downtime(_ peer: Peer) async throws {
            let code = "DT\(peer.run)"
            _ = try await peer.provisioner.provision(workCenters: [.init(code: code, name: "Night \(peer.run)")])
            let network = FaultyNetwork(peer.network)
            let desk = peer.desk("downtime", through: network)
            let arguments: JSON = [
                "workcenter": .string(code), "from": "2025-02-03T22:00:00Z", "to": "2025-02-03T23:30:30Z",
                "reason": "spindle",
            ]
            let before = try await peer.reader.upkeep()
            try await hammer(desk, network, "downtime.record", arguments, losing: [peer.carrier("load")])
            let lines = try await peer.find(
                "mrp.workcenter.productivity", [["workcenter_id.code", "=", .string(code)]],
                ["date_start", "date_end", "description", "duration"])
            #expect(lines.count == 3)
            for line in lines {
                #expect(
                    line["date_start"]?.string == "2025-02-03 22:00:00"
                        && line["date_end"]?.string == "2025-02-03 23:30:30"
                )
                #expect(
                    line["description"]?.string == "spindle (90.5 min, 2025-02-03 22:00:00 to 2025-02-03 23:30:30 UTC)")
            }
            let after = try await peer.reader.upkeep()
            #expect(after.downtimes - before.downtimes == 3)
            #expect(
                try ExactNumber.subtracting(after.downtimeMinutes, before.downtimeMinutes)
                    == ExactNumber(coefficient: 2715, scale: 1))
            var wrong = arguments
            wrong["loss"] = "Bad Luck"
            let outcome = await desk.deliver("downtime.record", wrong)
            #expect(outcome.brief == "rejected ODOO-031")
            #expect(outcome.failure?.message.contains("Equipment Failure") == true)
            wrong["workcenter"] = "nowhere"
            #expect(await desk.deliver("downtime.record", wrong).brief == "rejected ODOO-028")
        }

        @Test(
            "an open downtime blocks the work center until it is stopped, and a stale start is refused",
            arguments: Peer.all)
        func openDowntime(_ peer: Peer) async throws {
            let code = "OD\(peer.run)"
            _ = try await peer.provisioner.provision(workCenters: [.init(code: code, name: "Open \(peer.run)")])
            func state() async throws -> String? {
                try await peer.find("mrp.workcenter", [["code", "=", .string(code)]], ["working_state"]).first?[
                    "working_state"]?.string
            }
            let network = FaultyNetwork(peer.network)
            let desk = peer.desk("open", through: network)
            let start: JSON = ["workcenter": .string(code), "from": "2025-02-03T05:50:00Z", "reason": "jam"]
            let stop: JSON = ["workcenter": .string(code), "to": "2025-02-03T06:05:00Z"]
            #expect(await desk.deliver("downtime.stop", stop).brief == "rejected ODOO-037")
            await network.arm(peer.carrier("load"), .answerLost)
            let (lost, attempt) = await desk.attempt(await desk.command("downtime.start", start))
            #expect(lost.brief == "unknown ODOO-009")
            #expect(await desk.inquire(try #require(attempt)).brief == "happened")
            #expect(try await state() == "blocked")
            await network.arm(peer.carrier("write"), .answerLost)
            let (unknown, stopping) = await desk.attempt(await desk.command("downtime.stop", stop))
            #expect(unknown.brief == "unknown ODOO-009")
            #expect(await desk.inquire(try #require(stopping)).brief == "happened")
            #expect(try await state() == "normal")
            #expect(await desk.deliver("downtime.stop", stop).brief == "rejected ODOO-037")
            let lines = try await peer.find(
                "mrp.workcenter.productivity", [["workcenter_id.code", "=", .string(code)]], ["description"])
            #expect(lines.count == 1)
            #expect(
                lines.first?["description"]?.string == "jam (15 min, 2025-02-03 05:50:00 to 2025-02-03 06:05:00 UTC)")
            desk.clock.advance(.seconds(9 * 3_600))
            #expect(await desk.deliver("downtime.start", start).brief == "rejected ODOO-036")
        }

        @Test("a start that was never stopped is closed by the next one", arguments: Peer.all)
        func forgottenStop(_ peer: Peer) async throws {
            let code = "FS\(peer.run)"
            _ = try await peer.provisioner.provision(workCenters: [.init(code: code, name: "Forgotten \(peer.run)")])
            let desk = peer.desk("forgotten")
            for from in ["2025-02-03T05:50:00Z", "2025-02-03T05:59:00Z"] {
                #expect(
                    await desk.deliver("downtime.start", ["workcenter": .string(code), "from": .string(from)]).brief
                        == "accepted")
            }
            #expect(
                await desk.deliver("downtime.stop", ["workcenter": .string(code), "to": "2025-02-03T06:00:00Z"]).brief
                    == "accepted")
            let lines = try await peer.find(
                "mrp.workcenter.productivity", [["workcenter_id.code", "=", .string(code)]], ["date_end"])
            #expect(
                lines.compactMap { $0["date_end"]?.string }.sorted() == ["2025-02-03 05:59:00", "2025-02-03 06:00:00"])
        }

        @Test("maintenance is asked for once, with equipment where it is to be seen", arguments: Peer.all)
        func maintenance(_ peer: Peer) async throws {
            let serial = "EQ-\(peer.run)"
            let equipment = try await peer.equipment(serial: serial)
            let network = FaultyNetwork(peer.network)
            let desk = peer.desk("maintenance", through: network)
            let before = try await peer.reader.upkeep().maintenanceRequests
            let arguments: JSON = [
                "asset": .string(serial), "kind": "corrective", "priority": "high", "workcenter": "CNC01",
                "description": "Vibration > 7 mm/s\nsince 06:00",
            ]
            try await hammer(desk, network, "maintenance.request", arguments, losing: [peer.carrier("load")])
            #expect(try await peer.reader.upkeep().maintenanceRequests - before == 3)
            let requests = try await peer.find(
                "maintenance.request", [["name", "=", .string("\(serial): Vibration > 7 mm/s")]],
                ["maintenance_type", "priority", "description", "equipment_id", "request_date"])
            #expect(requests.count == 3)
            let request = try #require(requests.first)
            #expect(request["maintenance_type"]?.string == "corrective" && request["priority"]?.string == "2")
            #expect(request["equipment_id"]?[0]?.int == equipment)
            #expect(request["request_date"]?.string == "2025-02-03")
            #expect(request["description"]?.string?.contains("Vibration &gt; 7 mm/s<br>since 06:00") == true)
            #expect(request["description"]?.string?.contains("CNC01") == true)
            #expect(
                await desk.deliver("maintenance.request", ["equipment": "nothing", "description": "x"]).brief
                    == "rejected ODOO-033")
            #expect(
                await desk.deliver("maintenance.request", ["asset": "CNC 9", "description": "x"]).brief == "accepted")
            #expect(await desk.deliver("maintenance.request", ["asset": "CNC 9"]).brief == "rejected ODOO-020")
        }
    }
}
