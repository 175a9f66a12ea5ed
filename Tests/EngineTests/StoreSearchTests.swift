import Canonical
import Contracts
import ExactJSON
import Store
import Testing
import World

@Suite("finding and forgetting in the store")
struct StoreSearchTests {
    private func store(_ body: @escaping @Sendable (Store, World) async throws -> Void) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            try await body(store, world)
            await store.close()
        }
    }

    private func found(_ text: String, in store: Store, _ limit: Int = 5) async throws -> [String] {
        try await store.read { try $0.findEntries(text, limit: limit).map(\.document.envelope.id) }
    }

    @Test("events are found by their id, subject, source and what they hold, the newest of all lanes last")
    func named() throws {
        try store { store, world in
            let start = world.clock.now()
            for n in 1...40 {
                let lane = Lane.allCases[n % Lane.allCases.count]
                _ = try await store.write { transaction in
                    try transaction.append(
                        [
                            EventDocument(
                                .completed(
                                    n, order: n % 2 == 0 ? "MO2" : "MO1", source: "/lyon/cnc\(n % 4)", quantity: n))
                        ], lane: lane, recorded: start + .seconds(n))
                }
            }
            @Sendable func id(_ n: Int) -> String { Event.completed(n).id }
            let byID = try await found(id(7), in: store)
            #expect(byID == [id(7)])
            let evens = try await found("MO2", in: store)
            #expect(evens == [32, 34, 36, 38, 40].map(id))
            let odds = try await found("MO1", in: store, 3)
            #expect(odds == [35, 37, 39].map(id))
            let ofAsset = try await found("cnc3", in: store, 2)
            #expect(ofAsset == [35, 39].map(id))
            let ofSource = try await found("/lyon/cnc0", in: store, 2)
            #expect(ofSource == [36, 40].map(id))
            let partOfName = try await found("cnc", in: store)
            #expect(partOfName.isEmpty)
            let ofUnit = try await found("pcs", in: store, 2)
            #expect(ofUnit == [39, 40].map(id))
            let nowhere = try await found("nowhere", in: store)
            #expect(nowhere.isEmpty)
        }
    }

    @Test("of a source with more events than are put in order, the newest are found among the newest of its lane")
    func busySource() throws {
        try store { store, world in
            let now = world.clock.now()
            for first in stride(from: 1, to: 21_001, by: 3_000) {
                _ = try await store.write { transaction in
                    try transaction.append(
                        (first..<first + 3_000).map { EventDocument(.completed($0, source: "/lyon/busy")) },
                        lane: .normal, recorded: now + .seconds(first))
                }
            }
            let busiest = try await found("busy", in: store, 2)
            #expect(busiest == [20_999, 21_000].map { Event.completed($0).id })
        }
    }

    @Test("targets that never had a delivery are told from those that have none now")
    func streams() throws {
        try store { store, world in
            try await store.write { try $0.insert(.sample(event: 1)) }
            let asked: Set<TargetName> = ["odoo", "uplink"]
            #expect(try await store.read { try $0.withoutDeliveries(asked) } == ["uplink"])
        }
    }

    @Test("what many settled exceptions hold goes a step at a time, and their facts stay known")
    func forgetting() throws {
        try store { store, world in
            let now = world.clock.now()
            @Sendable func record(_ n: Int) -> ExceptionRecord {
                ExceptionRecord(
                    kind: .input, created: now, source: "komax", failure: StoreFailures.full.failure("line \(n)"),
                    origin: "job.sdc:\(n)", original: Array("x;y".utf8), fact: n > 20 ? nil : "f\(n)")
            }
            try await store.write { transaction in
                for n in 1...25 {
                    guard let id = try transaction.insert(record(n)) else { continue }
                    try transaction.settle(exception: id, as: .discarded, by: "ines", note: nil, now: now)
                }
            }
            let later = now + .seconds(10)
            var steps: [Int] = []
            repeat {
                steps.append(
                    try await store.write { try $0.trimExceptions(settledBefore: later, forgotten: now, limit: 10) })
            } while steps.last == 10
            #expect(steps == [10, 10, 0])
            let known = try await store.write { try $0.insert(record(3)) }
            #expect(known == nil, "the fact is known")
            let gone = try await store.write {
                try $0.trimExceptions(settledBefore: later, forgotten: later, limit: 100)
            }
            #expect(gone == 20)
            let new = try await store.write { try $0.insert(record(3)) }
            #expect(new != nil)
        }
    }
}
