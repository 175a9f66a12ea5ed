import Canonical
import Contracts
import Delivery
import ExactJSON
import SimulatedWorld
import Store
import Testing

@Suite("Fairness")
struct FairnessTests {
    private static let now = Instant(microseconds: 10_000_000)

    private static func delivery(
        _ id: Int64, key: String, flow: FlowName = "progress", origin: String = "/lyon/cnc1", lane: Lane = .normal
    ) -> Delivery {
        var delivery = Delivery.sample(event: id, key: key, id: id)
        delivery.flow = flow
        delivery.origin = origin
        delivery.lane = lane
        return delivery
    }

    @Test(
        "in a small window, whatever is put off, blocked or left in the store: all goes once, each key in order",
        arguments: 0..<60)
    func everythingOnce(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var plant = DispatchPlay(capacity: Int(random.next() % 40 + 1))
        var mostHeld = 0
        for _ in 0..<1_000 {
            switch random.next() % 10 {
            case 0...2 where plant.nextID <= 400:
                plant.arrive(Int(random.next() % 12 + 1)) { id in
                    Self.delivery(
                        id, key: "K\(random.next() % 9)", flow: FlowName("F\(random.next() % 2)"),
                        origin: "/P\(random.next() % 2)/A\(random.next() % 2)",
                        lane: Lane.allCases[Int(random.next() % 3)])
                }
            case 3: plant.look(step: Int(random.next() % 4 + 1))
            case 4...6: plant.send(Self.now)
            case 7: plant.putOff(random.next())
            case 8: random.next() % 4 == 0 ? plant.refuse(random.next()) : plant.finish(random.next())
            default: plant.decide(random.next())
            }
            mostHeld = max(mostHeld, plant.machine.count)
        }
        #expect(mostHeld <= plant.mostHeld, "seed \(seed)")
        plant.workOff(Self.now)
        #expect(plant.sent.values.map(\.count).reduce(0, +) == Int(plant.nextID - 1), "seed \(seed)")
        for (key, ids) in plant.sent { #expect(ids == plant.given[key], "seed \(seed), \(key)") }
        #expect(plant.machine.count == 0 && plant.machine.carriedCount == 0, "seed \(seed)")
    }

    @Test("one that has little waiting goes at once, however much others have before it", arguments: Lane.allCases)
    func quietOne(lane: Lane) {
        var machine = DispatchMachine(policies: [:])
        var store = (1...20_000).map {
            Self.delivery($0, key: "N\($0)", origin: "/lyon/noisy", lane: lane)
        }
        machine.offer(store)
        #expect(machine.count <= 5_000)
        for _ in 0..<50 { #expect(machine.next(now: Self.now)?.deliveries.first?.origin == "/lyon/noisy") }
        let quiet = Self.delivery(20_001, key: "Q", origin: "/lyon/quiet", lane: lane)
        store.append(quiet)
        machine.offer([quiet], in: store)
        #expect(machine.next(now: Self.now)?.deliveries.first?.origin == "/lyon/quiet")
    }

    @Test("flows, plants and assets get equal turns, however many keys or assets one of them has")
    func turns() {
        var rounds = FairRounds()
        func add(_ flow: FlowName, _ origin: String, keys: Int) {
            let share = DeliveryShare(lane: .normal, flow: flow, origin: origin)
            for key in 0..<keys { rounds.add(OrderingKey("\(flow)\(origin)\(key)"), of: share) }
        }
        for asset in 0..<50 { add("many", "/lyon/A\(asset)", keys: 40) }
        add("many", "/oslo/B", keys: 1_000)
        add("few", "/lyon/A0", keys: 1_000)
        var served: [String: Int] = [:]
        for _ in 0..<400 {
            guard let share = rounds.next(), let key = rounds.keys(of: share).first else { break }
            rounds.remove(key, of: share)
            rounds.serve(share)
            served["\(share.flow)", default: 0] += 1
            served["\(share.flow)\(share.origin.prefix(5))", default: 0] += 1
        }
        #expect(served["few"] == 200 && served["many"] == 200)
        #expect(served["many/lyon"] == 100 && served["many/oslo"] == 100)
    }

    @Test("one that always has just one ready does not take the turns of those who wait")
    func returning() {
        var rounds = FairRounds()
        let (a, b) = (
            DeliveryShare(lane: .normal, flow: "f", origin: "/p/a"),
            DeliveryShare(lane: .normal, flow: "f", origin: "/p/b")
        )
        for key in 0..<100 { rounds.add(OrderingKey("b\(key)"), of: b) }
        var count = 0
        for turn in 0..<100 {
            if rounds.keys(of: a).isEmpty { rounds.add(OrderingKey("a\(turn)"), of: a) }
            guard let share = rounds.next(), let key = rounds.keys(of: share).first else { break }
            rounds.remove(key, of: share)
            rounds.serve(share)
            if share == a { count += 1 }
        }
        #expect(count == 50)
    }

    @Test("commands that wait for their next try are bounded, and leave room for other assets and lanes")
    func openCommands() {
        var machine = DispatchMachine(policies: [:], openCommands: 10)
        machine.offer((1...50).map { Self.delivery($0, key: "N\($0)", origin: "/lyon/stuck") })
        var sent = 0
        while let draft = machine.next(now: Self.now) {
            machine.putOff(draft.deliveries[0].key)
            sent += 1
        }
        #expect(sent == 5)
        machine.offer((51...90).map { Self.delivery($0, key: "N\($0)", origin: "/lyon/other\($0)") })
        while machine.next(now: Self.now) != nil { sent += 1 }
        #expect(sent == 10)
        machine.offer([Self.delivery(91, key: "C", lane: .critical)])
        #expect(machine.next(now: Self.now)?.deliveries[0].key == "C")
    }
}

/// A store, a machine and a target that does what the dice say.
private struct DispatchPlay {
    var machine: DispatchMachine
    /// What may be held of three lanes, with what a reading adds at most.
    let mostHeld: Int
    var nextID: Int64 = 1
    var sent: [OrderingKey: [Int64]] = [:]
    var given: [OrderingKey: [Int64]] = [:]
    private var store: [Delivery] = []
    private var waiting: [Delivery] = []
    private var running: [(key: OrderingKey, ids: [Int64])] = []

    init(capacity: Int) {
        // One of the flows sends what waits of a key together.
        let together = FlowPolicy.Coalescing(
            window: .zero, maximum: 7, rule: MergeRule(sums: ["quantity"], takesLatest: []))
        machine = DispatchMachine(
            policies: [
                "F0": FlowPolicy(coalescing: together, retry: RetryPolicy(), holdsOnReject: true, expiry: nil)
            ], capacity: capacity, openCommands: 6)
        mostHeld = 3 * (2 * capacity + 24) + 9 * 18 + capacity
    }

    mutating func arrive(_ count: Int, _ make: (Int64) -> Delivery) {
        var fresh: [Delivery] = []
        for _ in 0..<count {
            let delivery = make(nextID)
            given[delivery.key, default: []].append(nextID)
            fresh.append(delivery)
            nextID += 1
        }
        // Those of a blocked key wait apart, as the store keeps them.
        let free = fresh.filter { !blocked.contains($0.key) }
        waiting += fresh.filter { blocked.contains($0.key) }
        store += free
        machine.offer(free, in: store)
    }

    private var blocked: [OrderingKey] = []

    mutating func look(step: Int) {
        guard let (share, after) = machine.nextBehind() else {
            while let reading = machine.nextDrained() { machine.answer([reading], from: store) }
            return
        }
        let rows = store.filter { $0.share == share && $0.id > after }.prefix(step)
            .map { WaitingDelivery(id: $0.id, share: $0.share, key: $0.key) }
        machine.answer(machine.notice(rows, of: share, isAll: rows.count < step), from: store, most: step - 1)
    }

    mutating func send(_ now: Instant) {
        guard var draft = machine.next(now: now) else { return }
        if let reach = machine.reach(of: draft) {
            let rows = store.filter { $0.key == reach.key && $0.id > reach.after }.sorted { $0.id < $1.id }
            machine.widen(&draft, with: Array(rows.prefix(reach.limit)))
        }
        let ids = draft.deliveries.map(\.id)
        running.append((draft.deliveries[0].key, ids))
        store.removeAll { ids.contains($0.id) }
    }

    mutating func putOff(_ dice: UInt64) {
        guard !running.isEmpty else { return }
        machine.putOff(running[Int(dice % UInt64(running.count))].key)
    }

    mutating func finish(_ dice: UInt64) {
        guard !running.isEmpty else { return }
        let (key, ids) = running.remove(at: Int(dice % UInt64(running.count)))
        sent[key, default: []] += ids
        machine.finish(key)
    }

    /// The target refuses a command: its key waits for a person, and what it had comes again.
    mutating func refuse(_ dice: UInt64) {
        guard !running.isEmpty else { return }
        let (key, ids) = running.remove(at: Int(dice % UInt64(running.count)))
        sent[key, default: []] += ids
        blocked.append(key)
        waiting += store.filter { $0.key == key }
        store.removeAll { $0.key == key }
        machine.block(key)
    }

    /// A person frees a key.
    mutating func decide(_ dice: UInt64) {
        guard !blocked.isEmpty else { return }
        let key = blocked.remove(at: Int(dice % UInt64(blocked.count)))
        store = (store + waiting.filter { $0.key == key }).sorted { $0.id < $1.id }
        waiting.removeAll { $0.key == key }
        let reading = machine.beginReading(key)
        machine.answer([reading], from: store)
    }

    mutating func workOff(_ now: Instant) {
        for _ in 0..<10_000 {
            while !blocked.isEmpty { decide(0) }
            while machine.hasRoomForMore { look(step: 3) }
            look(step: 3)
            send(now)
            if !running.isEmpty { finish(0) }
            if store.isEmpty, running.isEmpty { return }
        }
    }
}
