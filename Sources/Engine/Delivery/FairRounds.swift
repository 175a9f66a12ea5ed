package import Canonical
package import Contracts
package import Store

/// Whose turn it is among those that have something ready: flows in turn, within a flow its plants, within a plant its
/// assets; the keys of one asset first come, first served.
///
/// Whoever was served longest ago is next, on each level. So one that has a thousand keys ready gets as many turns as
/// one that has a single key, and that one waits for one turn of each other at most.
package struct FairRounds: Sendable {
    private var keys: [DeliveryShare: [OrderingKey]] = [:]
    /// Those that have something ready, in the order in which they came.
    private var active: [Place] = []
    /// The turn in which each of them was served last.
    private var served: (flows: [FlowName: UInt64], plants: [Plant: UInt64], shares: [DeliveryShare: UInt64]) = (
        [:], [:], [:]
    )
    private var turns: UInt64 = 0

    private struct Plant: Hashable {
        let flow: FlowName
        let name: Substring
    }

    /// A share, and the plant that it takes turns in.
    private struct Place {
        let share: DeliveryShare
        let plant: Plant

        init(_ share: DeliveryShare) {
            self.share = share
            plant = Plant(
                flow: share.flow, name: share.origin.split(separator: "/", maxSplits: 1).first ?? "")
        }
    }

    /// Shares whose last turn is remembered; without bound they would grow with the names that ever came by. One that
    /// is forgotten is served a turn early, once.
    private static let maximumRemembered = 4_096

    package init() {}

    package var isEmpty: Bool { active.isEmpty }
    /// All keys that are ready.
    package var allKeys: [OrderingKey] { active.flatMap { keys[$0.share] ?? [] } }
    /// The keys of one share that are ready, first come first.
    package func keys(of share: DeliveryShare) -> [OrderingKey] { keys[share] ?? [] }

    /// `key` has something ready, of `share`.
    package mutating func add(_ key: OrderingKey, of share: DeliveryShare) {
        if keys[share] == nil { active.append(Place(share)) }
        keys[share, default: []].append(key)
    }

    /// `key` has nothing ready any more.
    package mutating func remove(_ key: OrderingKey, of share: DeliveryShare) {
        guard let index = keys[share]?.firstIndex(of: key) else { return }
        keys[share]?.remove(at: index)
        guard keys[share]?.isEmpty == true else { return }
        keys[share] = nil
        active.removeAll { $0.share == share }
    }

    /// The share whose turn it is, passing over those in `excluded`; nil where there is none.
    package func next(excluding excluded: Set<DeliveryShare> = []) -> DeliveryShare? {
        var best: (share: DeliveryShare, turns: (UInt64, UInt64, UInt64))?
        for place in active where excluded.isEmpty || !excluded.contains(place.share) {
            let turns = (
                served.flows[place.plant.flow] ?? 0, served.plants[place.plant] ?? 0, served.shares[place.share] ?? 0
            )
            // Strictly before: of those that are equal the one that came first is next.
            if best.map({ turns < $0.turns }) ?? true { best = (place.share, turns) }
        }
        return best?.share
    }

    /// Notes that `share` had a turn.
    package mutating func serve(_ share: DeliveryShare) {
        turns += 1
        let place = Place(share)
        served.flows[share.flow] = turns
        served.plants[place.plant] = turns
        served.shares[share] = turns
        if served.shares.count > Self.maximumRemembered { forget() }
    }

    /// Keeps the last turns of those alone that have something ready.
    private mutating func forget() {
        served.shares = served.shares.filter { keys[$0.key] != nil }
        let plants = Set(active.map(\.plant))
        served.plants = served.plants.filter { plants.contains($0.key) }
    }
}

/// Which lane is served next: the critical ones wait least, and nobody starves.
package struct LaneTurns: Sendable {
    /// How often a lane is served before the next one is looked at.
    private static let weights: [Lane: Int] = [.critical: 8, .normal: 4, .bulk: 1]
    private var credits = LaneTurns.weights

    package init() {}

    /// Serves the first lane for which `serve` has something, in the order of what is left of their turns; nil where
    /// none has.
    package mutating func next<T>(_ serve: (Lane) -> T?) -> T? {
        for _ in 0..<2 {
            for lane in Lane.allCases where credits[lane, default: 0] > 0 {
                guard let served = serve(lane) else { continue }
                credits[lane, default: 0] -= 1
                return served
            }
            credits = Self.weights
        }
        return nil
    }
}
