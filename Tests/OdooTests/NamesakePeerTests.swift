import ExactJSON
import OdooConnector
import Testing

extension PeersRecords {
    @Suite("equipment with namesakes", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct NamesakePeerTests {
        @Test(
            "one of several pieces of equipment of a name is taken by its serial number alone; else nobody guesses",
            arguments: Peer.all)
        func equipment(_ peer: Peer) async throws {
            let name = "Twin \(peer.run)"
            let serials = ["TW1-\(peer.run)", "TW2-\(peer.run)"]
            var ids: [Int] = []
            for serial in serials { ids.append(try await peer.equipment(serial: serial)) }
            _ = try await peer.asAdmin(.write("maintenance.equipment", ids, ["name": .string(name)]))
            let desk = peer.desk("namesakes")
            func request(_ argument: String, _ value: String) async throws -> (String, JSON?) {
                let words = "\(argument) \(value)"
                let outcome = await desk.deliver(
                    "maintenance.request", [argument: .string(value), "description": .string(words)])
                let made = try await peer.find(
                    "maintenance.request", [["name", "=", .string("\(value): \(words)")]], ["equipment_id"])
                #expect(made.count == (outcome.brief == "accepted" ? 1 : 0))
                return (outcome.brief, made.first?["equipment_id"])
            }
            let named = try await request("equipment", name)
            #expect(named.0 == "rejected ODOO-048")
            let asset = try await request("asset", name)
            #expect(asset.0 == "accepted" && asset.1 == false, "\(asset)")
            for (serial, id) in zip(serials, ids) {
                let one = try await request("equipment", serial)
                #expect(one.0 == "accepted" && one.1?[0]?.int == id, "\(one)")
            }
        }
    }
}
