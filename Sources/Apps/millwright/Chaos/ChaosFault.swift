import Canonical

/// Something that goes wrong in a round of chaos: what, where, when, and for how long.
struct ChaosFault: Sendable, Hashable {
    enum Kind: String, CaseIterable, Sendable {
        /// `kill -9`.
        case killEdge = "kill-edge", killHub = "kill-hub", killOdoo = "kill-odoo"
        /// `kill -9`, and again while it starts.
        case killStarting = "kill-starting"
        /// SIGSTOP, and SIGCONT later: half dead, connections stand.
        case stopEdge = "stop-edge", stopHub = "stop-hub", stopOdoo = "stop-odoo"
        /// SIGTERM under load, and started again.
        case restartEdge = "restart-edge", restartHub = "restart-hub"
        /// SIGTERM under load, and started again with another settings folder.
        case upgradeEdge = "upgrade-edge", upgradeHub = "upgrade-hub"
        /// The store's file system has no free block.
        case diskFullEdge = "disk-full-edge", diskFullHub = "disk-full-hub"
        /// Connections are reset, new ones too.
        case cut
        /// Bytes go nowhere, and nobody is told.
        case blackHole = "black-hole"
        /// Requests arrive, answers do not.
        case lostAnswers = "lost-answers"
        /// One direction is closed, the other one stays.
        case halfClose = "half-close"
        /// Each piece of bytes takes longer.
        case latency
        /// Some pieces of bytes come as late as what TCP sends again.
        case loss
        /// The network interface is down: the kernel drops every packet of every connection.
        case networkDown = "network-down"
        /// The node's clock is set off, and right again.
        case clockEdge = "clock-edge", clockHub = "clock-hub"

        /// Whether it happens at a place of the network.
        var isAtPlace: Bool {
            switch self {
            case .cut, .blackHole, .lostAnswers, .halfClose, .latency, .loss: true
            default: false
            }
        }

        /// How long it lasts, in milliseconds. What holds up requests to Odoo must stay well below the `settle` of the
        /// plant's target, as that is what the setting promises.
        var lengths: ClosedRange<Int> {
            switch self {
            case .killEdge, .killHub, .killOdoo: 20...700
            case .killStarting: 10...250
            case .stopOdoo: 300...1_100
            case .stopEdge, .stopHub: 300...2_500
            case .restartEdge, .restartHub, .upgradeEdge, .upgradeHub: 0...200
            case .diskFullEdge, .diskFullHub: 400...1_500
            case .networkDown: 150...800
            case .cut, .blackHole, .lostAnswers, .halfClose, .latency, .loss: 300...1_800
            case .clockEdge, .clockHub: 500...2_000
            }
        }
    }

    /// A way through the network.
    enum Place: String, CaseIterable, Sendable {
        /// Edge to hub.
        case link
        /// Hub to Odoo.
        case front
        /// Those who post to the hub.
        case door
        /// Those who post to the edge.
        case edgeDoor = "edge-door"
        /// Edge to its machine's adapter.
        case adapter
    }

    let kind: Kind
    let place: Place?
    /// From the beginning of the round.
    let start: Duration
    let length: Duration
    /// What the kind makes of it: which node, how far a clock is off, how late bytes are.
    let amount: UInt64

    var end: Duration { start + length }
}

/// What a seed says of a round.
struct ChaosRound: Sendable, Hashable {
    let seed: UInt64
    let faults: [ChaosFault]

    /// How long machines work in a round, in milliseconds: faults begin meanwhile.
    static let work = 900

    /// One to three different kinds out of those that this machine lets happen.
    init(seed: UInt64, kinds: [ChaosFault.Kind]) {
        self.seed = seed
        var random = SystemRandom(seed: seed)
        var left = kinds
        var faults: [ChaosFault] = []
        for _ in 0...Int(random.next() % 3) where !left.isEmpty {
            let kind = left.remove(at: Int(random.next() % UInt64(left.count)))
            let places = ChaosFault.Place.allCases
            let place = places[Int(random.next() % UInt64(places.count))]
            let start = Int(random.next() % UInt64(Self.work))
            let length = kind.lengths.lowerBound + Int(random.next() % UInt64(kind.lengths.count))
            faults.append(
                ChaosFault(
                    kind: kind, place: kind.isAtPlace ? place : nil, start: .milliseconds(start),
                    length: .milliseconds(length), amount: random.next() >> 8))
        }
        self.faults = faults
    }

    /// `kill-edge, cut link`.
    var summary: String {
        faults.map { [$0.kind.rawValue, $0.place?.rawValue].compactMap(\.self).joined(separator: " ") }
            .joined(separator: ", ")
    }
}
