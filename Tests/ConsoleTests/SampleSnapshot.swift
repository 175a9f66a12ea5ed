import Canonical
import Console

/// A plant on a working day: one target out of reach, one edge with a clock that is off, exceptions to be looked at.
enum SampleSnapshot {
    static let now = Instant(text: "2026-11-21T09:41:25Z")!

    static var working: OverviewSnapshot {
        var snapshot = OverviewSnapshot(
            time: now, node: "lyon-hub", role: "hub", version: "1.0.0", started: now - .seconds(3 * 86_400 + 7_200))
        snapshot.nodes = [
            .init(
                name: "lyon-hub", role: "hub", lastSeen: now, clockSkew: .zero,
                buffer: .init(usedBytes: 3_400_000_000, ceilingBytes: 20 << 30, waitingEvents: 1_284)),
            .init(
                name: "lyon-edge", role: "edge", lastSeen: now - .seconds(2), clockSkew: .milliseconds(12),
                buffer: .init(usedBytes: 41_000_000, ceilingBytes: 8 << 30, waitingEvents: 0)),
            .init(
                name: "grenoble-edge", role: "edge", lastSeen: now - .seconds(4), clockSkew: .milliseconds(-8_300),
                buffer: .init(usedBytes: 6_800_000_000, ceilingBytes: 8 << 30, waitingEvents: 18_220)),
        ]
        snapshot.sources = [
            .init(
                name: "komax", connector: "files", state: .running, lastReading: now - .seconds(3),
                readingsPerSecond: 4.2),
            .init(
                name: "okuma-multus", connector: "mtconnect", state: .running, lastReading: now,
                readingsPerSecond: 118.4),
            .init(
                name: "press-07", connector: "mtconnect",
                state: .waiting(reason: "192.168.4.31:7878 does not answer; next try in 12 s"),
                lastReading: now - .seconds(1_260), readingsPerSecond: 0),
            .init(
                name: "edges", connector: "node", state: .running, lastReading: now - .seconds(1),
                readingsPerSecond: 842),
        ]
        snapshot.targets = [
            .init(
                name: "odoo", connector: "odoo", waiting: 1_284, inFlight: 2, blockedKeys: 3,
                breaker: .open(until: now + .seconds(18)),
                lastError: .init(
                    code: "ODOO-009", message: "https://odoo.lyon.example answered 502 Bad Gateway",
                    time: now - .seconds(11)),
                oldestWaiting: now - .seconds(14 * 60 + 5)),
            .init(name: "archive", connector: "files", waiting: 0, inFlight: 0),
            .init(name: "group-hub", connector: "node", waiting: 240, inFlight: 240, oldestWaiting: now - .seconds(1)),
        ]
        snapshot.plants = [
            .init(
                name: "lyon", sources: ["komax", "okuma-multus", "press-07"], targets: ["odoo"], nodes: ["lyon-edge"],
                assets: 5, heard: 4, lastReading: now - .seconds(1), exceptions: 39),
            .init(
                name: "grenoble", targets: ["group-hub"], nodes: ["grenoble-edge"], assets: 2, heard: 2,
                lastReading: now - .seconds(4)),
        ]
        snapshot.rates = .init(captured: 964.6, stored: 964.6, delivered: 37.4)
        snapshot.history = (0..<90).map { step in
            let wave = Double((step * 37) % 23) * 6 + Double(step % 7) * 9
            return .init(
                captured: 820 + wave, stored: 815 + wave,
                delivered: step < 62 ? 52 + wave / 8 : max(0, 52 - Double(step - 61) * 3))
        }
        snapshot.totals = .init(captured: 48_201_337, stored: 48_201_302, delivered: 1_204_518)
        snapshot.latency = .init(p50: .milliseconds(212), p99: .milliseconds(2_940))
        snapshot.exceptions = .init(
            open: 41,
            causes: [
                .init(code: "MAP-004", title: "No order in the crosswalk table", count: 33),
                .init(code: "ODOO-017", title: "Manufacturing order not found", count: 6),
                .init(code: "ODOO-031", title: "Outcome unknown after a lost answer", count: 2),
            ],
            newest: [
                .init(
                    id: "8812", time: now - .seconds(42), code: "ODOO-031", subject: "MO/00042, operation 20",
                    reason:
                        "The answer to 12 pcs of production progress was lost after the request had gone out, and Odoo has not confirmed it within 3 min.",
                    suggestion: "Look at the order in Odoo; then resubmit or discard."),
                .init(
                    id: "8809", time: now - .seconds(310), code: "MAP-004", subject: "LOCAL, line 2, article K-7731",
                    reason: "The Komax job LOCAL belongs to no manufacturing order: 120 pcs.",
                    suggestion: "Choose the order these pieces belong to, or discard."),
                .init(
                    id: "8807", time: now - .seconds(4_200), code: "ODOO-017", subject: "MO/00039",
                    reason: "Odoo has no manufacturing order with origin \"20231, 1, K-7720\".",
                    suggestion: "Create the order or correct its origin; then resubmit."),
            ])
        return snapshot
    }

    static var empty: OverviewSnapshot {
        OverviewSnapshot(time: now, node: "new", role: "single", version: "1.0.0", started: now)
    }

    static var quiet: OverviewSnapshot {
        var snapshot = working
        snapshot.nodes = Array(snapshot.nodes.prefix(2))
        snapshot.sources.remove(at: 2)
        snapshot.plants = [
            .init(name: "lyon", sources: ["komax"], targets: ["odoo"], assets: 5, heard: 4, lastReading: now)
        ]
        snapshot.targets = [
            .init(name: "odoo", connector: "odoo", waiting: 2, inFlight: 2, oldestWaiting: now - .milliseconds(400))
        ]
        snapshot.exceptions = .init()
        return snapshot
    }
}
