import Canonical
import Contracts
import ExactJSON
import World

/// Gathers what an adapter said into batches and hands them in, again and again until they are stored.
///
/// With each batch goes when the adapter was heard last, and, where it changed, which items it has: so that a node
/// that starts again knows since when it did not listen, and what it does not know since.
struct Submitter {
    private static let heard = "heard"
    private static let items = "items"

    private let source: MTConnectSource
    private let intake: any Intake
    private let maximum: Int
    private var readings: [Reading] = []
    private var faults: [InputFault] = []
    private var budget = FaultBudget()
    private var documents: [EventDocument] = []
    /// Uptime since which something waits.
    private var waitingSince: Duration?
    private var lastHeard: Instant?
    /// The items whose names are stored, over all connections, at most ``SHDRRules/rememberedKeys``.
    private var storedItems: Set<SHDRParser.ItemKey> = []
    /// How many items the connection had when they were stored.
    private var seenCount = 0
    private var failure: (any Error)?

    init(source: MTConnectSource, intake: any Intake, maximum: Int) {
        self.source = source
        self.intake = intake
        self.maximum = max(1, maximum)
    }

    /// Finds out since when nobody listened, and makes unavailable what was known then.
    mutating func restore() async throws {
        guard let heard = try await intake.position(source.name, Self.heard)?.int else { return }
        let since = Instant(microseconds: Int64(heard))
        lastHeard = since
        let origin = Origin(source.place)
        for (asset, names) in try await intake.position(source.name, Self.items)?.object ?? [:] {
            for name in names.array ?? [] {
                guard let name = name.string else { continue }
                storedItems.insert(SHDRParser.ItemKey(asset: AssetID(asset), name: name))
                readings.append(
                    Reading(asset: AssetID(asset), name: name, value: .unavailable, time: since, origin: origin))
            }
        }
        try await flush(known: nil)
    }

    /// The connection stands: reports the span in which it did not.
    mutating func connected() async throws {
        seenCount = 0
        let now = source.world.clock.now()
        if let since = lastHeard, since < now {
            let event = Event(
                id: "missed:\(since):\(now)", source: "/\(source.plant)/\(source.name)",
                type: "millwright.node.data-missed.v1", time: now, attributes: ["plant": source.plant],
                data: [
                    "node": .string(source.node.rawValue), "from": .string(since.description),
                    "to": .string(now.description),
                    "reason": "disconnected",
                    "detail": .string(
                        "nobody listened to \(source.place); counters make up for it, the rest is missed"),
                ])
            documents.append(EventDocument(event))
        }
        lastHeard = now
        try await flush(known: nil)
    }

    /// Takes what a stretch of bytes said.
    mutating func add(_ output: SHDROutput) {
        let now = source.world.clock.now()
        lastHeard = now
        readings += output.readings
        for fault in output.faults {
            if let kept = budget.take(fault, now: now) { faults.append(kept) }
        }
        if waitingSince == nil, !readings.isEmpty || !faults.isEmpty { waitingSince = source.world.clock.uptime() }
    }

    /// Whether it is time to hand in.
    func isDue(at now: Duration) -> Bool {
        guard let since = waitingSince else { return false }
        return readings.count + faults.count >= maximum || now - since >= source.options.linger
    }

    /// How long until then; nil while nothing waits.
    func dueAfter(_ now: Duration) -> Duration? {
        waitingSince.map { max(.zero, $0 + source.options.linger - now) }
    }

    /// As ``flush(known:)``, for callers that throw nothing but network failures: false where it failed, and the
    /// error waits in ``takeFailure()``.
    mutating func tryFlush(known parser: SHDRParser) async -> Bool {
        do {
            try await flush(known: parser)
            return true
        } catch {
            failure = error
            return false
        }
    }

    mutating func takeFailure() -> (any Error)? {
        defer { failure = nil }
        return failure
    }

    /// Hands in everything that waits, in batches of at most the limit. Returns when it is durable; throws when
    /// cancelled.
    mutating func flush(known parser: SHDRParser?) async throws {
        var rest = (readings: readings[...], faults: faults[...])
        var isFirst = true
        while true {
            var batch = SourceBatch(source: source.name, readings: Array(rest.readings.prefix(maximum)))
            batch.faults = Array(rest.faults.prefix(maximum - batch.readings.count))
            rest.readings = rest.readings.dropFirst(batch.readings.count)
            rest.faults = rest.faults.dropFirst(batch.faults.count)
            if isFirst { batch.documents = documents }
            isFirst = false
            // The positions say that everything up to now is stored, so they go with the last part alone.
            let isLast = rest.readings.isEmpty && rest.faults.isEmpty
            if isLast { batch.positions = positions(parser) }
            try await submit(batch)
            if isLast { break }
        }
        readings.removeAll(keepingCapacity: readings.count <= maximum)
        faults = []
        documents = []
        waitingSince = nil
    }

    private mutating func positions(_ parser: SHDRParser?) -> [SourcePosition] {
        var positions: [SourcePosition] = []
        if let lastHeard {
            positions.append(SourcePosition(name: Self.heard, value: .int(Int(lastHeard.microseconds))))
        }
        if let parser, parser.knownCount != seenCount {
            seenCount = parser.knownCount
            let before = storedItems.count
            let room = source.options.rules.rememberedKeys - before
            storedItems.formUnion(parser.knownItems.filter { !storedItems.contains($0) }.prefix(max(0, room)))
            if storedItems.count != before {
                positions.append(SourcePosition(name: Self.items, value: storedItemsJSON))
            }
        }
        return positions
    }

    private var storedItemsJSON: JSON {
        var items: JSONObject = [:]
        for (asset, keys) in Dictionary(grouping: storedItems, by: \.asset).sorted(by: { $0.key < $1.key }) {
            items[asset.rawValue] = .array(keys.map(\.name).sorted().map { .string($0) })
        }
        return .object(items)
    }

    /// Hands in one batch until it is taken.
    private func submit(_ batch: SourceBatch) async throws {
        let source = source
        let patient = PatientIntake(
            intake, clock: source.world.clock,
            wait: { source.options.backoff.wait(attempt: $0, random: source.world.entropy.next()) },
            refused: { source.notify(.refused("\($0)", retryAfter: $1)) })
        try await patient.submit(batch)
    }
}
