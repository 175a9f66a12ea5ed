import ExactJSON
import Testing

@testable import OdooConnector

/// One of those who write at once: a user of its own, who changes contacts that nobody else does, and one that all do.
struct ChangesWriter: Sendable {
    /// What was written and what became of it.
    struct Written: Sendable {
        /// The names that were committed to each contact of this writer's, in order.
        var names: [Int: [String]] = [:]
        /// The names that this writer committed to the contact of all.
        var shared: Set<String> = []
        var rolledBack = 0
        /// Transactions that stayed open for up to three seconds.
        var long = 0
        /// Writes to the contact of all that met another one and outlived Odoo's own retries.
        var conflicts = 0

        var count: Int { names.values.reduce(shared.count) { $0 + $1.count } }
    }

    static let partner = "res.partner"
    private static let contacts = 25
    /// A parent that no contact has.
    private static let nobody: JSON = 2_000_000_000

    let number: Int
    let run: String
    let shared: Int
    let slow: SlowWrite?
    private let connection: OdooConnection

    init(_ number: Int, _ peer: Peer, shared: Int, slow: SlowWrite?) async throws {
        // At the stand-in, whose groups are those of its three users, this is the administrator.
        let user = try await peer.allowed(["base.group_partner_manager"], number: number)
        self.number = number
        self.shared = shared
        self.slow = slow
        run = peer.run
        connection = OdooConnection(user.user, network: user.network)
    }

    /// Writes until so many changes are committed.
    func write(_ count: Int) async throws -> Written {
        var written = Written()
        var contacts: [Int] = []
        var chance = SeededGenerator(UInt64(number))
        var index = 0
        while written.count < count {
            index += 1
            let name = "w\(number) \(run) \(index)"
            guard contacts.count == Self.contacts else {
                let made = try await connection.call(.create(Self.partner, [["name": .string(name)]]))
                let id = try #require(made[0]?.int ?? made.int)
                contacts.append(id)
                written.names[id] = [name]
                continue
            }
            let id = contacts[Int.random(in: 0..<Self.contacts, using: &chance)]
            switch Int.random(in: 0..<100, using: &chance) {
            case 0..<12:
                // The name is written and then taken back with the rest, as there is no such parent.
                let values: JSON = ["name": .string("rolled back \(name)"), "parent_id": Self.nobody]
                await #expect(throws: OdooError.self) {
                    try await connection.call(.write(Self.partner, [id], values))
                }
                written.rolledBack += 1
            case 12..<14:
                guard let slow else { continue }
                let call = slow.call(
                    id, "rolled back \(name)", Int.random(in: 100..<3_000, using: &chance), fails: true)
                await #expect(throws: OdooError.self) { try await connection.call(call) }
                written.rolledBack += 1
                written.long += 1
            case 14..<16:
                guard let slow else { continue }
                let call = slow.call(id, name, Int.random(in: 100..<3_000, using: &chance), fails: false)
                _ = try await connection.call(call)
                written.names[id, default: []].append(name)
                written.long += 1
            case 16..<30:
                do throws(OdooError) {
                    _ = try await connection.call(.write(Self.partner, [shared], ["name": .string(name)]))
                    written.shared.insert(name)
                } catch {
                    written.conflicts += 1
                }
            default:
                _ = try await connection.call(.write(Self.partner, [id], ["name": .string(name)]))
                written.names[id, default: []].append(name)
            }
        }
        return written
    }
}

/// A server action that writes a contact's name and keeps its transaction open for a while; then it is committed, or
/// fails with all that it wrote.
struct SlowWrite: Sendable {
    private static let model = "ir.actions.server"
    private static let code = """
        given = env.context
        env['res.partner'].browse(given['mw_id']).write({'name': given['mw_name']})
        env.flush_all()
        time.sleep(given['mw_milliseconds'] / 1000)
        if given['mw_fails']:
            raise UserError('not today')
        """

    private let id: Int

    /// Nil at the stand-in, where a call is over at once.
    init?(_ peer: Peer) async throws {
        guard peer.isLive else { return nil }
        let models = try await peer.find("ir.model", [["model", "=", .string(ChangesWriter.partner)]], ["model"])
        id = try await peer.make(
            Self.model,
            [
                "name": .string("slow \(peer.run)"), "model_id": models.first?["id"] ?? .null, "state": "code",
                "code": .string(Self.code),
            ])
    }

    func call(_ contact: Int, _ name: String, _ milliseconds: Int, fails: Bool) -> OdooCall {
        OdooCall(
            Self.model, "run", ids: [id],
            context: [
                "mw_id": .int(contact), "mw_name": .string(name), "mw_fails": .bool(fails),
                "mw_milliseconds": .int(milliseconds),
            ])
    }

    func remove(_ peer: Peer) async throws { _ = try await peer.asAdmin(OdooCall(Self.model, "unlink", ids: [id])) }
}
