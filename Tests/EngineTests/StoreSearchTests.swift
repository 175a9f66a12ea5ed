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
        try await search(text, in: store, limit).entries.map(\.document.envelope.id)
    }

    private func search(
        _ text: String, in store: Store, _ limit: Int, _ bounds: EntrySearch.Bounds = EntrySearch.Bounds()
    ) async throws -> EntrySearch {
        try await store.read { transaction in
            var search = EntrySearch(text, limit: limit, bounds: bounds)
            while !search.isOver { try search.step(transaction) }
            return search
        }
    }

    /// Events `numbers` in a lane, one a second from `start`; `lots` by number.
    private func append(
        _ numbers: ClosedRange<Int>, _ lane: Lane, from start: Instant, lots: [Int: String] = [:],
        origins: [Int: String] = [:], to store: Store
    ) async throws {
        try await store.write { transaction in
            for n in numbers {
                var event = Event.completed(n)
                if let lot = lots[n], var data = event.data.object {
                    data["lot"] = .string(lot)
                    event.data = .object(data)
                }
                if let origin = origins[n] { event.attributes["origin"] = origin }
                _ = try transaction.append([EventDocument(event)], lane: lane, recorded: start + .seconds(n))
            }
        }
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

    @Test("what events hold is looked for page by page, as far as is allowed, and how far that was is known")
    func bounded() throws {
        try store { store, world in
            let start = world.clock.now()
            try await append(1...300, .normal, from: start, lots: [20: "L-20", 200: "L-200"], to: store)
            try await append(301...310, .bulk, from: start, lots: [305: "L-20"], to: store)
            var bounds = EntrySearch.Bounds()
            bounds.page = 10
            let all = try await search("L-20", in: store, 5, bounds)
            #expect(all.entries.map(\.document.envelope.id) == [20, 305].map { Event.completed($0).id })
            #expect(all.reach?.isWhole == true && all.reach?.events == 310 && all.reach?.since == nil)
            #expect(all.reach?.words == "all 310 events that are here")
            // The newest are enough where they are all that is wanted.
            let newest = try await search("L-20", in: store, 1, bounds)
            #expect(newest.entries.map(\.document.envelope.id) == [Event.completed(305).id])
            #expect(newest.reach?.isWhole == false && (newest.reach?.events ?? 0) <= 30)
            bounds.events = 50
            let near = try await search("L-200", in: store, 5, bounds)
            #expect(near.entries.isEmpty)
            // The ten of the bulk lane, and the newest forty of the other.
            #expect(near.reach?.isWhole == false && near.reach?.since == start + .seconds(261))
            #expect(near.reach?.words == "the newest 50 events, back to \(start + .seconds(261))")
            bounds.events = 1_000
            bounds.bytes = 1
            let short = try await search("L-200", in: store, 5, bounds)
            #expect(short.entries.isEmpty && short.reach?.isWhole == false)
            let named = try await search("MO1", in: store, 5)
            #expect(named.entries.count == 5 && named.reach == nil)
        }
    }

    @Test("a member's name is no value, and a word that is one everywhere has not every event read")
    func memberNames() throws {
        try store { store, world in
            try await append(1...60, .normal, from: world.clock.now(), lots: [7: "quantity"], to: store)
            let values = try await found("quantity", in: store)
            #expect(values == [Event.completed(7).id])
            var bounds = EntrySearch.Bounds()
            (bounds.page, bounds.read) = (10, 25)
            let short = try await search("quantity", in: store, 5, bounds)
            #expect(short.entries.isEmpty && short.reach?.isWhole == false && short.reach?.events == 20)
        }
    }

    @Test("an event is found by the line of the file that it was read from")
    func fileLine() throws {
        try store { store, world in
            let origins = [
                1: "03/Job.sdc line 14 (byte 412)", 2: "03/Job.sdc line 140 (byte 4120)",
                3: "04/Job.sdc line 14 (byte 412)", 4: "04/OtherJob.sdc line 14 (byte 412)",
            ]
            try await append(1...5, .normal, from: world.clock.now(), origins: origins, to: store)
            for (text, numbers) in [
                ("Job.sdc:14", [1, 3]), ("Job.sdc line 14", [1, 3]), ("03/Job.sdc:14", [1]),
                ("/var/machine/04/Job.sdc:14", [3]), ("03/Job.sdc line 14 (byte 412)", [1]), ("Job.sdc:140", [2]),
                ("OtherJob.sdc:14", [4]), ("Job.sdc:1", []), ("05/Job.sdc:14", []), ("Job.sdc:", []),
            ] as [(String, [Int])] {
                let read = try await found(text, in: store)
                #expect(read == numbers.map { Event.completed($0).id }, "\(text)")
            }
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
