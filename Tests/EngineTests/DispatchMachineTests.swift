import Canonical
import Contracts
import Delivery
import ExactJSON
import SimulatedWorld
import Store
import Testing

@Suite("Dispatch")
struct DispatchMachineTests {
    private static func policy(coalescing maximum: Int?) -> [FlowName: FlowPolicy] {
        [
            "progress": FlowPolicy(
                coalescing: maximum.map {
                    FlowPolicy.Coalescing(
                        window: .seconds(1), maximum: $0, rule: MergeRule(sums: ["quantity"], takesLatest: ["time"]))
                }, retry: RetryPolicy(), holdsOnReject: true, expiry: nil)
        ]
    }

    @Test("whatever comes when, each key goes in order, alone, and no conflict key is held twice", arguments: 0..<60)
    func orderPerKey(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var machine = DispatchMachine(
            policies: Self.policy(coalescing: seed % 2 == 0 ? 5 : nil))
        var sent: [OrderingKey: [Int64]] = [:]
        var running: [CommandDraft] = []
        var pending = 0
        var store: [Delivery] = []
        var now = Instant(microseconds: 10_000_000)
        var nextID: Int64 = 1
        var given: [OrderingKey: [Int64]] = [:]
        for _ in 0..<400 {
            switch random.next() % 3 {
            case 0 where nextID <= 200:
                var batch: [Delivery] = []
                for _ in 0..<(random.next() % 4 + 1) {
                    var delivery = Delivery.sample(event: nextID, key: "K\(random.next() % 7)", id: nextID)
                    delivery.lane = Lane.allCases[Int(delivery.key.rawValue.utf8.last ?? 0) % 3]
                    delivery.conflicts = ["product\(random.next() % 4)"]
                    given[delivery.key, default: []].append(nextID)
                    batch.append(delivery)
                    nextID += 1
                }
                store += batch
                machine.offer(batch, in: store)
                machine.offer(batch, in: store)  // the same rows read twice change nothing
                pending += batch.count
            case 1:
                now = now + .milliseconds(300)
                guard let draft = machine.next(now: now) else { continue }
                let key = draft.deliveries[0].key
                #expect(!running.contains { $0.deliveries[0].key == key }, "seed \(seed)")
                for other in running {
                    #expect(
                        Set(other.deliveries[0].conflicts).isDisjoint(with: draft.deliveries[0].conflicts),
                        "seed \(seed)")
                }
                let total = draft.arguments["quantity"]?["value"]?.int
                #expect(total == draft.deliveries.count, "seed \(seed)")
                sent[key, default: []] += draft.deliveries.map(\.id)
                running.append(draft)
                let taken = Set(draft.deliveries.map(\.id))
                store.removeAll { taken.contains($0.id) }
                pending -= draft.deliveries.count
            default:
                guard !running.isEmpty else { continue }
                let draft = running.remove(at: Int(random.next() % UInt64(running.count)))
                machine.finish(draft.deliveries[0].key)
            }
            #expect(machine.count == pending, "seed \(seed)")
        }
        for draft in running { machine.finish(draft.deliveries[0].key) }
        now = now + .seconds(10)
        while let draft = machine.next(now: now) {
            sent[draft.deliveries[0].key, default: []] += draft.deliveries.map(\.id)
            machine.finish(draft.deliveries[0].key)
        }
        #expect(sent == given, "seed \(seed)")
    }

    @Test("a blocked key lets go of what waits and takes nothing in until it is freed")
    func blocking() {
        var machine = DispatchMachine(policies: Self.policy(coalescing: nil))
        machine.offer([.sample(event: 1, id: 1), .sample(event: 2, id: 2), .sample(event: 3, key: "other", id: 3)])
        let first = machine.next(now: Instant(microseconds: 0))
        #expect(first?.deliveries.map(\.id) == [1])
        machine.block("MO1")
        machine.offer([.sample(event: 4, id: 4)])
        #expect(machine.count == 1)
        #expect(machine.next(now: Instant(microseconds: 0))?.deliveries.map(\.id) == [3])
        let reading = machine.beginReading("MO1")
        // What comes while the older ones are read goes behind them.
        machine.offer([.sample(event: 5, id: 5)])
        #expect(machine.next(now: Instant(microseconds: 0)) == nil)
        let store = [1, 2, 4, 5].map { Delivery.sample(event: $0, id: $0) }
        machine.endReading(reading, Array(store.prefix(3)))
        for id in [1, 2, 4, 5] as [Int64] {
            #expect(machine.next(now: Instant(microseconds: 0))?.deliveries.map(\.id) == [id])
            machine.finish("MO1")
            machine.catchUp(in: store.filter { $0.id > id })
        }
    }

    @Test("a delivery that is under way is not taken in again, and a release that came too late changes nothing")
    func staleRelease() {
        var machine = DispatchMachine(policies: Self.policy(coalescing: nil))
        machine.offer([.sample(event: 1, id: 1), .sample(event: 2, id: 2)])
        #expect(machine.next(now: Instant(microseconds: 0))?.deliveries.map(\.id) == [1])
        let reading = machine.beginReading("MO1")
        machine.endReading(reading, [.sample(event: 1, id: 1), .sample(event: 2, id: 2)])
        #expect(machine.count == 1)
        let late = machine.beginReading("MO1")
        machine.block("MO1")
        machine.endReading(late, [.sample(event: 2, id: 2)])
        #expect(machine.count == 0)
    }

    @Test("a key that is put off leaves room for others, and its deliveries come back in order when it goes on")
    func stuckKey() {
        var machine = DispatchMachine(policies: Self.policy(coalescing: nil), capacity: 600)
        var store = (1...1_000).map { Delivery.sample(event: $0, key: "stuck", id: $0) }
        machine.offer(store)
        #expect(machine.count <= 301)
        #expect(machine.next(now: Instant(microseconds: 0))?.deliveries.map(\.id) == [1])
        machine.putOff("stuck")
        #expect(machine.count == 0)
        let others = (1_001...1_400).map { Delivery.sample(event: $0, key: "K\($0)", id: $0) }
        store += others
        machine.offer(others, in: store)
        machine.catchUp(in: store)
        var sent: [OrderingKey: [Int64]] = ["stuck": [1]]
        while let draft = machine.next(now: Instant(microseconds: 0)) {
            let first = draft.deliveries[0]
            sent[first.key, default: []].append(first.id)
            store.removeAll { $0.id == first.id }
            machine.finish(first.key)
            machine.catchUp(in: store)
        }
        #expect(sent.count == 401 && sent["stuck"] == [1])
        store.removeFirst()
        machine.finish("stuck")
        machine.catchUp(in: store)
        while let draft = machine.next(now: Instant(microseconds: 0)) {
            sent["stuck"]?.append(draft.deliveries[0].id)
            store.removeFirst()
            machine.finish("stuck")
            machine.catchUp(in: store)
        }
        #expect(sent["stuck"] == Array(1...1_000))
    }

    @Test("a critical lane goes first, and a bulk lane is not starved by it")
    func lanes() {
        var machine = DispatchMachine(policies: Self.policy(coalescing: nil))
        for id in 1...60 as ClosedRange<Int64> {
            var delivery = Delivery.sample(event: id, key: "K\(id)", id: id)
            delivery.lane = id % 2 == 0 ? .bulk : .critical
            machine.offer([delivery])
        }
        var lanes: [Lane] = []
        while let draft = machine.next(now: Instant(microseconds: 0)) { lanes.append(draft.deliveries[0].lane) }
        #expect(lanes.first == .critical)
        #expect(lanes.prefix(18).filter { $0 == .bulk }.count == 2)
        #expect(lanes.count == 60)
    }

    @Test("the first of a window waits for others, but not when there are enough of them")
    func window() {
        var machine = DispatchMachine(policies: Self.policy(coalescing: 3))
        machine.offer([.sample(event: 1, id: 1)])
        #expect(machine.next(now: Instant(microseconds: 500_000))?.deliveries.count == nil)
        #expect(machine.nextDue(after: Instant(microseconds: 500_000)) == Instant(microseconds: 1_000_000))
        machine.offer([.sample(event: 2, id: 2), .sample(event: 3, id: 3), .sample(event: 4, id: 4)])
        let draft = machine.next(now: Instant(microseconds: 500_000))
        #expect(draft?.deliveries.count == 3)
        #expect(draft?.identity == "progress:/lyon/cnc1:1+3..progress:/lyon/cnc1:3")
    }

    @Test("what waits of a key is one command, however little of it there was room for")
    func widened() throws {
        var machine = DispatchMachine(policies: Self.policy(coalescing: 300), capacity: 60)
        let store = (1...500).map { Delivery.sample(event: $0, id: $0) }
        machine.offer(store)
        let late = Instant(microseconds: 60_000_000)
        let first = machine.next(now: late)
        var draft = try #require(first)
        #expect(draft.deliveries.count < 60)
        let reach = try #require(machine.reach(of: draft))
        let rows = store.filter { $0.id > reach.after }.prefix(reach.limit)
        machine.widen(&draft, with: Array(rows))
        #expect(draft.deliveries.map(\.id) == Array(1...300))
        let quantity = draft.arguments["quantity"]
        #expect(quantity?["value"]?.int == 300)
        #expect(machine.reach(of: draft) == nil)
        machine.finish(draft.deliveries[0].key)
        machine.catchUp(in: Array(store.dropFirst(300)))
        let next = machine.next(now: late)
        #expect(next?.deliveries.first?.id == 301)
    }

    @Test("a command takes nothing more of the store once its key was taken away, or is read anew")
    func notWidened() throws {
        let store = (1...500).map { Delivery.sample(event: $0, id: $0) }
        let steps: [(inout DispatchMachine, OrderingKey) -> Void] = [
            { $0.block($1) }, { _ = $0.beginReading($1) }, { _ = $0.void($1) },
        ]
        for step in steps {
            var machine = DispatchMachine(policies: Self.policy(coalescing: 300), capacity: 60)
            machine.offer(store)
            let first = machine.next(now: Instant(microseconds: 60_000_000))
            var draft = try #require(first)
            let held = draft.deliveries.count
            let reach = try #require(machine.reach(of: draft))
            step(&machine, reach.key)
            machine.widen(&draft, with: Array(store.filter { $0.id > reach.after }.prefix(reach.limit)))
            #expect(draft.deliveries.count == held)
        }
    }

    @Test("large ones take the room of several")
    func room() {
        var machine = DispatchMachine(policies: Self.policy(coalescing: nil), capacity: 600)
        let store = (1...1_000).map { (id: Int64) in
            var delivery = Delivery.sample(event: id, key: "K\(id)", id: id)
            delivery.room = 20
            return delivery
        }
        for start in stride(from: 0, to: 1_000, by: 10) { machine.offer(Array(store[start..<start + 10]), in: store) }
        #expect((15...80).contains(machine.count))
    }

    @Test("commands that differ in anything but the sum are never coalesced")
    func mergeOnlyEquals() throws {
        let rule = MergeRule(sums: ["quantity"], takesLatest: ["time"])
        let a: JSON = [
            "order": "1", "lot": "A", "quantity": ["value": .number(ExactNumber(text: "1.5")!), "unit": "kg"],
            "time": "t1",
        ]
        var b = a
        b["time"] = "t2"
        #expect(rule.merging(a, b)?["quantity"]?["value"] == .number(ExactNumber(text: "3.0")!))
        #expect(rule.merging(a, b)?["time"] == "t2")
        for (name, value) in [
            ("lot", "B" as JSON), ("quantity", ["value": 1, "unit": "g"]), ("order", "2"), ("extra", 1),
        ] {
            var other = b
            other[name] = value
            #expect(rule.merging(a, other) == nil, "\(name)")
        }
    }
}
