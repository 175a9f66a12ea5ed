package import Canonical
package import Contracts
import ExactJSON
import Synchronization
package import World

/// Takes CloudEvents over HTTP on the node's listener.
package final class CloudEventsSource: Source {
    package let name: SourceName
    private let path: String
    private let token: BearerToken?
    private let clock: any WorldClock
    private let limits: Limits
    private let plants: Set<String>
    /// The intake, from ``run(_:)`` on.
    private let intake = Mutex<(any Intake)?>(nil)
    /// Bytes of the requests that wait for the intake.
    private let pendingBytes = Mutex(0)
    /// Which of the events that are set aside are kept.
    private let tally = Mutex(FaultTally())

    /// Bytes that may wait for the intake at one time; a request beyond is answered 503 (back-pressure).
    private static let maximumPendingBytes = 64 << 20
    /// How long a request waits for the intake before it is answered 503: shorter than senders' usual time-outs.
    private static let maximumWait: Duration = .seconds(20)
    /// How often it is looked whether a count of what was set aside is due to be told.
    private static let tellingInterval: Duration = .seconds(600)

    /// `token`: the secret of the setting of that name, resolved; nil where none is set. `plants`: whose machines send
    /// canonical events; empty where none is known, and any will do.
    package init(
        name: SourceName, settings: Settings, token: String?, plants: Set<String> = [], world: World, limits: Limits
    ) throws(SettingFault) {
        self.name = name
        let path = try settings(HTTPSpec.path)
        let location = settings.locations["path"] ?? settings.location
        guard path.hasPrefix("/"), path.count > 1, !path.hasSuffix("/"), !path.contains("?"), !path.contains("{"),
            !path.contains(" ")
        else {
            throw SettingFault(
                location: location, reason: "path \(path) is no path of events",
                suggestion: "write it like /v1/events, without parameters and without a slash at its end")
        }
        self.path = path
        self.token = try token.map { text throws(SettingFault) in
            try BearerToken(text, of: "token", in: settings)
        }
        clock = world.clock
        self.limits = limits
        self.plants = plants
    }

    package var routes: [Route] {
        [
            Route("POST", path, maximumBody: limits.requestBytes, about: about) { [self] request, _ in
                await answer(request)
            }
        ]
    }

    private var about: RouteAbout {
        let event = RouteAbout.reference("Event")
        let receipt: JSON = [
            "type": "object",
            "properties": [
                "stored": ["type": "integer", "minimum": 0], "duplicates": ["type": "integer", "minimum": 0],
                "refused": ["type": "array", "items": ["type": "object"]],
            ],
        ]
        return RouteAbout(
            "takeEvents-\(name)", "events",
            "Takes CloudEvents: one, several, or one in binary mode. What is answered is on the disk.", access: .token,
            body: .init(
                ["application/cloudevents+json", "application/cloudevents-batch+json"],
                ["anyOf": [event, ["type": "array", "items": event]]]),
            answers: [
                .init(202, "How many are stored, and which are refused.", .json(receipt)),
                .problem(400, "It is no event; it is kept for a person."), .problem(413, "It is too long."),
                .problem(415, "It is of another type."), .problem(503, "The node takes nothing in now."),
            ])
    }

    /// Requests come through the listener; running only opens the door, and closes it when cancelled.
    package func run(_ intake: any Intake) async throws {
        let stored = try await intake.position(name, FaultTally.positionName)
        tally.withLock { $0 = FaultTally(stored: stored) }
        self.intake.withLock { $0 = intake }
        defer { self.intake.withLock { $0 = nil } }
        while true {
            try await clock.sleep(for: Self.tellingInterval)
            await tellMissed(intake)
        }
    }

    /// Stores the counts of what was set aside and not kept, where nothing more came that could have told them.
    private func tellMissed(_ intake: any Intake) async {
        let now = clock.now()
        let (kept, position) = tally.withLock { tally in
            let kept = tally.due(now: now)
            return (kept, tally.position)
        }
        guard !kept.faults.isEmpty else { return }
        do {
            _ = try await intake.submit(SourceBatch(source: name, faults: kept.faults, positions: [position]))
        } catch {
            // It is due again at the next look.
            tally.withLock { $0.takeBack(kept) }
        }
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard token?.isBorne(by: request) ?? true else {
            return Problem(401, "Unauthorized", detail: "send the source's token as Authorization: Bearer …")
                .response()
        }
        guard let mode = RequestReading.mode(of: request) else {
            return Problem(
                415, "Unsupported media type",
                detail: """
                    send application/cloudevents+json, application/cloudevents-batch+json, or binary mode with ce- \
                    headers
                    """
            ).response()
        }
        guard let intake = intake.withLock({ $0 }) else { return HTTPAnswer.unavailable("the source is not running") }
        guard reserve(request.body.count) else {
            return HTTPAnswer.unavailable("the node has more to store than it can now")
        }
        defer { pendingBytes.withLock { $0 -= request.body.count } }
        let now = clock.now()
        let reading = RequestReading(request, mode: mode, limits: limits, plants: plants)
        let faults = reading.refusals.map { fault($0, now) }
        var batch = SourceBatch(source: name, documents: traced(reading.documents, request))
        var kept = FaultTally.Kept()
        if !faults.isEmpty {
            (kept, batch.positions) = tally.withLock { tally in
                let kept = tally.keep(faults, now: now)
                return (kept, [tally.position])
            }
        }
        batch.faults = kept.faults
        var isStored = false
        // The sender comes again with what was not stored.
        defer { if !isStored { tally.withLock { $0.takeBack(kept) } } }
        do {
            guard let receipt = try await submit(batch, to: intake) else {
                return HTTPAnswer.unavailable("the node could not store within \(Self.maximumWait)")
            }
            isStored = true
            let counted = zip(reading.refusals, faults).filter { _, fault in
                fault.factID.map(kept.counted.contains) ?? false
            }
            return reading.isUnreadable
                ? HTTPAnswer.unreadable(reading.refusals, isKept: counted.isEmpty)
                : HTTPAnswer.taken(
                    receipt, reading.refusals(with: receipt), notKept: Set(counted.map { $0.0.index }))
        } catch let failure as Failure {
            return HTTPAnswer.unavailable(failure.message, code: failure.kind.code)
        } catch {
            return HTTPAnswer.unavailable("the node is stopping")
        }
    }

    /// The events with the trace of the request that brought them, where they name none of their own (W3C Trace Context
    /// beside the distributed tracing extension of CloudEvents).
    private func traced(_ documents: [EventDocument], _ request: HTTPRequest) -> [EventDocument] {
        guard let trace = request.headers["traceparent"].flatMap({ Traceparent($0) }) else { return documents }
        return documents.map { document in
            let traced = document.bearing(trace)
            return traced.bytes.count <= limits.eventBytes ? traced : document
        }
    }

    private func reserve(_ bytes: Int) -> Bool {
        pendingBytes.withLock { pending in
            guard pending == 0 || pending + bytes <= Self.maximumPendingBytes else { return false }
            pending += bytes
            return true
        }
    }

    /// The intake's receipt, or nil where it did not come in time.
    private func submit(_ batch: SourceBatch, to intake: any Intake) async throws -> IntakeReceipt? {
        try await withThrowingTaskGroup(of: IntakeReceipt?.self) { group in
            group.addTask { try await intake.submit(batch) }
            group.addTask { [clock] in
                try await clock.sleep(for: Self.maximumWait)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func fault(_ refusal: RequestReading.Refusal, _ now: Instant) -> InputFault {
        InputFault(
            failure: refusal.failure,
            origin: Origin("POST \(path)", byte: refusal.offset, tag: "event \(refusal.index)"),
            original: Array(refusal.original.prefix(limits.originalBytes)), time: now,
            factID: Fingerprint.text(of: refusal.original))
    }
}
