import Canonical
import ExactJSON
import Foundation
import Testing

@testable import OdooConnector

/// Writers at once, with transactions that fail, while the source reads and is started again and again.
/// `ODOO_CHANGES` says how many changes there are to be.
@Suite("many changes at once", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct ChangesStressTests {
    private static let partner = "res.partner"
    private static let writers = 4
    private static let changes =
        ProcessInfo.processInfo.environment["ODOO_CHANGES"].flatMap { Int($0) } ?? (Peer.live.isEmpty ? 200 : 400)

    /// What one writer did: its own record, and the names that were committed to it in order.
    private struct Written: Sendable {
        let id: Int
        var names: [String]
    }

    @Test(
        "each committed change arrives once and in order, none that was rolled back; polling ends at the latest",
        arguments: Peer.all)
    func everything(_ peer: Peer) async throws {
        var desk = ChangesDesk(peer, "stress")
        desk.options.models = [Self.partner]
        await desk.work()
        let shared =
            try await peer.asAdmin(.create(Self.partner, [["name": .string("shared \(peer.run)")]]))[0]?.int ?? 0
        let isOver = LockedBox(false)
        let reading = desk
        async let reader: Void = {
            while !isOver.value { await reading.work(sleeps: 0) }
        }()
        let written = try await withThrowingTaskGroup(of: Written.self, returning: [Written].self) { group in
            for writer in 0..<Self.writers {
                group.addTask { try await Self.write(peer, writer, shared: shared, count: Self.changes / Self.writers) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        isOver.update { $0 = true }
        await reader
        await desk.work()
        await desk.work()
        for one in written {
            let told = await Self.names(desk, one.id)
            if peer.hasGateway {
                #expect(told == one.names)
            } else {
                #expect(told.last == one.names.last && Self.isSubsequence(told, of: one.names))
            }
        }
        // Of a record that all of them write, each change begins where the one before it ended.
        let events = await desk.intake.about(shared, Self.partner)
        let values = events.map { $0.data["native"]?["values"]?["name"]?.string ?? "" }
        for (index, event) in events.enumerated().dropFirst() where peer.hasGateway {
            #expect(event.data["native"]?["before"]?["name"]?.string == values[index - 1])
        }
        let last = try await peer.read(Self.partner, shared, ["name"])["name"]?.string
        #expect(values.last == last)
        if peer.hasGateway { #expect(Set(values).count == values.count && values.count > Self.changes / 10) }
        let all = await desk.intake.events
        #expect(!all.contains { $0.data["native"]?["values"]?["name"]?.string?.contains("rolled back") ?? false })
        #expect(Set(all.map(\.id)).count == all.count)
        try await desk.close()
    }

    private static func write(_ peer: Peer, _ writer: Int, shared: Int, count: Int) async throws -> Written {
        let connection = OdooConnection(peer.admin, network: peer.network)
        let first = "w\(writer) \(peer.run) 0"
        let made = try await connection.call(.create(partner, [["name": .string(first)]]))
        var written = Written(id: made[0]?.int ?? 0, names: [first])
        for index in 1..<count {
            switch index % 7 {
            case 3:
                // The name is written and then taken back with the rest, as there is no such parent.
                let values: JSON = ["name": "rolled back", "parent_id": 2_000_000_000]
                await #expect(throws: OdooError.self) {
                    try await connection.call(.write(partner, [written.id], values))
                }
            case 5:
                // Odoo tells a conflict that outlived its own retries as one that may be tried again.
                _ = try? await connection.call(.write(partner, [shared], ["name": .string("s\(writer) \(index)")]))
            default:
                let name = "w\(writer) \(peer.run) \(index)"
                _ = try await connection.call(.write(partner, [written.id], ["name": .string(name)]))
                written.names.append(name)
            }
        }
        return written
    }

    private static func names(_ desk: ChangesDesk, _ id: Int) async -> [String] {
        await desk.intake.about(id, partner).compactMap { $0.data["native"]?["values"]?["name"]?.string }
    }

    private static func isSubsequence(_ part: [String], of whole: [String]) -> Bool {
        var rest = whole[...]
        return part.allSatisfy { one in
            guard let index = rest.firstIndex(of: one) else { return false }
            rest = rest[(index + 1)...]
            return true
        }
    }
}
