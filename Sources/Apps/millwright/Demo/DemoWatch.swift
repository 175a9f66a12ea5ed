import Canonical
import ExactJSON
import Foundation
import Store
import World
import WorldLive

/// Watches the demo's nodes from outside: their stores, read beside them, and the hub's HTTP door.
actor DemoWatch {
    private let setup: DemoSetup
    private let world: World
    private let isQuiet: Bool
    private var lastCounts: [Int] = []
    private var quietSince: Duration?
    private var lastNote = Duration.zero
    /// Longer than any pause of a reader or a retry.
    private static let calm = Duration.seconds(3)

    init(setup: DemoSetup, world: World, isQuiet: Bool) {
        self.setup = setup
        self.world = world
        self.isQuiet = isQuiet
    }

    /// Whether nothing has moved and nothing has waited for a while.
    func look() async -> Bool {
        guard let counts = try? counts() else {
            quietSince = nil
            return false
        }
        let now = world.clock.uptime()
        if !isQuiet, now - lastNote > .seconds(2) {
            lastNote = now
            Output.note(
                "edge stored \(counts[0]), hub stored \(counts[2]), posted \(counts[5]), in work \(counts[4]), waiting for a person \(counts[6])"
            )
        }
        var allUp = true
        for process in setup.processes where await !process.isRunning { allUp = false }
        let isIdle = allUp && counts[0] == counts[1] && counts[3] == 0 && counts[4] == 0
        if !isIdle || counts != lastCounts { quietSince = nil }
        lastCounts = counts
        guard isIdle else { return false }
        quietSince = quietSince ?? now
        return now - (quietSince ?? now) > Self.calm
    }

    /// Edge: stored, forwarded; hub: stored, not yet routed, deliveries open, accepted, exceptions.
    private func counts() throws -> [Int] {
        let edge = try StoreReader.read(setup.edgeStore) { transaction in
            let stored = try transaction.storedCount()
            let forwarded = try transaction.cursors().filter { $0.target == "uplink" }.map(\.position).reduce(0, +)
            return [stored, Int(forwarded)]
        }
        let hub = try StoreReader.read(setup.hubStore) { transaction in
            let stored = try transaction.storedCount()
            var unrouted = 0
            for cursor in try transaction.cursors() {
                unrouted += Int(try transaction.lastNumber(cursor.lane) - cursor.position)
            }
            let counts = try ["odoo", "lyon"].map { try transaction.deliveryCounts(TargetName($0)) }
            let open = counts.map { ($0[.pending] ?? 0) + ($0[.taken] ?? 0) }.reduce(0, +)
            let accepted = counts.map { $0[.accepted] ?? 0 }.reduce(0, +)
            return [stored, unrouted, open, accepted, try transaction.openExceptionCount()]
        }
        return edge + hub
    }

    /// Hands an event to the hub as another system would, until it is taken.
    func post(_ event: Event) async throws {
        while true {
            try Task.checkCancellation()
            let request = HTTPRequest(
                method: "POST", target: "https://localhost:\(setup.ports.hub)/v1/events",
                headers: ["Content-Type": "application/cloudevents+json"], body: event.document,
                trust: .rootsFile(setup.authority))
            if let response = try? await world.network.send(request, timeout: .seconds(10), maximumBody: 64 << 10) {
                if (200..<300).contains(response.status) { return }
                guard response.status == 503 else {
                    throw CommandFailure(
                        description: "the hub refused an event: \(String(decoding: response.body, as: UTF8.self))")
                }
            }
            try await world.clock.sleep(for: .milliseconds(200))
        }
    }

    /// Releases an order to a machine through the hub, and waits until the edge has it as the machine's context.
    func releaseOrder(_ order: String, asset: String) async throws {
        let released = try releaseTime()
        try await post(
            Event(
                id: "release-\(order)", source: "/lyon/planning", type: "millwright.production-order.released.v1",
                subject: order, time: released, attributes: ["plant": "lyon"],
                data: [
                    "order": .string(order), "item": "SHAFT-1", "asset": .string(asset),
                    "quantity": ["value": 100, "unit": "pcs"],
                ]))
        while true {
            try Task.checkCancellation()
            let context = try? StoreReader.read(setup.edgeStore) { try $0.signalState("context/\(asset)") }
            if let context = context ?? nil, context.description.contains(order) { return }
            try await world.clock.sleep(for: .milliseconds(100))
        }
    }

    /// When planning released its orders: the same at each run over a kept folder, as it is the same fact.
    private func releaseTime() throws -> Instant {
        let path = "\(setup.plan.state)/released"
        if let text = try? String(contentsOfFile: path, encoding: .utf8), let time = Instant(text: text) { return time }
        let now = world.clock.now()
        try now.description.write(toFile: path, atomically: true, encoding: .utf8)
        return now
    }
}
