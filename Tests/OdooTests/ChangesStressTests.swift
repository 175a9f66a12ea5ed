import Canonical
import ExactJSON
import Foundation
import Testing

@testable import OdooConnector

/// Users who write at once, with transactions that are rolled back and some that stay open for seconds, while the source
/// reads, dies in the middle of storing, and is started again and again. `ODOO_CHANGES` says how many changes there are
/// to be.
@Suite("many changes at once", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct ChangesStressTests {
    private static let partner = ChangesWriter.partner
    private static let writers = 4
    private static let changes =
        ProcessInfo.processInfo.environment["ODOO_CHANGES"].flatMap { Int($0) } ?? (Peer.live.isEmpty ? 400 : 1_200)
    private static let faults: [TestIntake.Fault?] = [nil, .diesBefore, nil, .diesAfter, .refuses, nil, .forgetsAnswer]

    @Test(
        "each committed change arrives once and in order, none that was rolled back; polling ends at the latest",
        arguments: Peer.all)
    func everything(_ peer: Peer) async throws {
        var desk = ChangesDesk(peer, "stress")
        desk.options.models = [Self.partner]
        await desk.work()
        let first = "shared \(peer.run)"
        let shared = try await peer.make(Self.partner, ["name": .string(first)])
        let slow = try await SlowWrite(peer)
        var writers: [ChangesWriter] = []
        for number in 0..<Self.writers {
            writers.append(try await ChangesWriter(number, peer, shared: shared, slow: slow))
        }
        let began = ContinuousClock.now
        let written = try await Self.write(writers, whileReads: desk)
        let took = ContinuousClock.now - began
        await desk.work()
        await desk.work()

        let all = await desk.intake.events
        let values = Self.names(all)
        for (id, names) in written.flatMap(\.names) {
            let told = values[id] ?? []
            if peer.hasGateway {
                #expect(told == names)
            } else {
                #expect(told.last == names.last && Self.isSubsequence(told, of: names))
            }
        }
        let told = values[shared] ?? []
        let last = try await peer.read(Self.partner, shared, ["name"])["name"]?.string
        #expect(told.last == last)
        let committed = written.reduce(into: Set([first])) { $0.formUnion($1.shared) }
        #expect(Set(told).count == told.count && Set(told).isSubset(of: committed))
        if peer.hasGateway {
            #expect(told.count == committed.count)
            // Of a record that all of them write, each change begins where the one before it ended.
            let before = await desk.intake.about(shared, Self.partner).map { Self.name($0, "before") }
            #expect(before == [nil] + told.dropLast().map(Optional.init))
        }
        #expect(!values.values.joined().contains { $0.contains("rolled back") })
        #expect(Set(all.map(\.id)).count == all.count)
        print(
            """
            changes: \(written.reduce(0) { $0 + $1.count }) committed by \(Self.writers) users in \(took), \
            \(written.reduce(0) { $0 + $1.rolledBack }) rolled back, \(written.reduce(0) { $0 + $1.long }) long, \
            \(written.reduce(0) { $0 + $1.conflicts }) conflicts; \(all.count) events of \(values.count) contacts, \
            \(await desk.intake.repeated) known again in \(await desk.intake.batches) batches
            """)
        try await slow?.remove(peer)
        try await desk.close()
    }

    /// What the writers wrote while the source was started, met its faults and was started again.
    private static func write(
        _ writers: [ChangesWriter], whileReads desk: ChangesDesk
    ) async throws -> [ChangesWriter.Written] {
        let isOver = LockedBox(false)
        async let reader: Void = {
            var turn = 0
            while !isOver.value {
                if let fault = faults[turn % faults.count] { await desk.intake.arm(fault) }
                await desk.work(sleeps: 0)
                turn += 1
            }
        }()
        defer { isOver.update { $0 = true } }
        let share = changes / writers.count
        let written = try await withThrowingTaskGroup(
            of: ChangesWriter.Written.self, returning: [ChangesWriter.Written].self
        ) { group in
            for writer in writers { group.addTask { try await writer.write(share) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        isOver.update { $0 = true }
        await reader
        return written
    }

    private static func name(_ event: Event, _ side: String) -> String? {
        event.data["native"]?[side]?["name"]?.string
    }

    /// The names that were told of each contact, in order.
    private static func names(_ events: [Event]) -> [Int: [String]] {
        events.reduce(into: [:]) { names, event in
            guard event.data["native"]?["model"]?.string == partner, let id = event.data["native"]?["id"]?.int,
                let name = name(event, "values")
            else { return }
            names[id, default: []].append(name)
        }
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
