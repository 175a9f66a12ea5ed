package import Canonical
package import Contracts
package import ExactJSON
package import Store

/// Finds out what a target that was set back has forgotten. Reads only, at the target and in the store.
///
/// It goes over the done commands of a time three times, page by page, and holds what it needs of each value that was
/// counted up, and of each command that is not there; never the commands that are.
package struct Reconciler: Sendable {
    /// The time looked at: what was settled from `since` on and until `until`.
    package struct Span: Sendable, Hashable {
        package let since: Instant
        package let until: Instant
        /// Whether the target was set back at `until`: what this node wrote later was written on what it shows since.
        package let endsAtRestore: Bool

        package init(since: Instant, until: Instant, endsAtRestore: Bool) {
            self.since = since
            self.until = until
            self.endsAtRestore = endsAtRestore
        }
    }

    /// The store's side, which may be another process's.
    package struct Pages: Sendable {
        package let done: @Sendable (DoneMark, Int) async throws -> [DoneCommand]
        package let ledger: @Sendable ([LedgerKey]) async throws -> [LedgerEntry]

        package init(
            done: @escaping @Sendable (DoneMark, Int) async throws -> [DoneCommand],
            ledger: @escaping @Sendable ([LedgerKey]) async throws -> [LedgerEntry]
        ) {
            self.done = done
            self.ledger = ledger
        }
    }

    /// Commands that are not there, values that were counted up: beyond this the time must be cut.
    package static let maximumHeld = 100_000
    private static let page = 500

    private let target: any Reconcilable
    private let pages: Pages

    package init(target: any Reconcilable, pages: Pages) {
        self.target = target
        self.pages = pages
    }

    /// Lists what of `span` the target shows. Throws ``Failure`` where the target cannot be asked or the time is too
    /// long.
    package func list(_ span: Span) async throws -> ReconciliationList {
        let (places, movedOn) = try await survey(span)
        var stories: [CountPlace: PlaceStory] = [:]
        for (place, found) in places {
            stories[place] = PlaceStory(found.sight, mayHaveBeenSetBack: !span.endsAtRestore)
        }
        try await each(span) { done in
            for step in steps(done) { stories[step.place]?.note(step, done.mark) }
        }
        let closings = try await closings(span, stories)
        var list = ReconciliationList(target: target.name, span: span, movedOn: movedOn)
        try await each(span) { done in
            let standing = try await standing(of: done, stories, closings)
            try list.add(done, standing, steps: steps(done))
        }
        for (place, found) in places { list.note(place, found.sight, isWhole: stories[place]?.isWhole ?? false) }
        list.ledger = Dictionary(
            try await pages.ledger(list.forgottenKeys).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return list
    }

    private func steps(_ done: DoneCommand) -> [CountStep] { type(of: target).counts(of: done) }

    private func each(_ span: Span, _ body: (DoneCommand) async throws -> Void) async throws {
        try await each(from: span.since) { done in
            guard done.settled <= span.until else { return false }
            try await body(done)
            return true
        }
    }

    private func each(from since: Instant, _ body: (DoneCommand) async throws -> Bool) async throws {
        var mark = DoneMark(settled: since, command: 0)
        while true {
            let page = try await pages.done(mark, Self.page)
            for done in page where try await !body(done) { return }
            guard let last = page.last, page.count == Self.page else { return }
            mark = last.mark
        }
    }

    // MARK: - Values

    private struct Place {
        var step: CountStep
        /// What the first command behind the time found there.
        var found: ExactNumber?
        var sight = CountSight.gone
    }

    /// The values that were counted up in `span`, and what they showed at its end; and the lines of the ledger that
    /// were written behind it.
    private func survey(_ span: Span) async throws -> ([CountPlace: Place], Set<LedgerKey>) {
        var places: [CountPlace: Place] = [:]
        var known: Set<LedgerKey> = []
        var movedOn: Set<LedgerKey> = []
        try await each(from: span.since) { done in
            for step in steps(done) {
                if done.settled > span.until {
                    if known.contains(step.place.ledger) { movedOn.insert(step.place.ledger) }
                    if let place = places[step.place], place.found == nil { places[step.place]?.found = step.before }
                } else if places[step.place] == nil {
                    places[step.place] = Place(step: step)
                    known.insert(step.place.ledger)
                    guard places.count <= Self.maximumHeld else { throw Self.tooMuch(span) }
                }
            }
            return true
        }
        for place in places.keys.sorted(by: { ($0.ledger.text, $0.record) < ($1.ledger.text, $1.record) }) {
            guard let step = places[place]?.step else { continue }
            var sight = try await target.look(at: step)
            if let found = places[place]?.found, case .shows(_, let isClosed) = sight {
                sight = .shows(found, isClosed: isClosed)
            }
            places[place]?.sight = sight
        }
        return (places, movedOn)
    }

    static func tooMuch(_ span: Span) -> Failure {
        DeliveryFailures.tooMuch.failure(
            "more than \(maximumHeld) values or forgotten commands lie between \(span.since) and \(span.until)")
    }

    /// What closed the records of a family: the last that is there, and the first that is forgotten.
    private struct Closing {
        var present: DoneMark?
        var forgotten: DoneMark?
    }

    private func closings(_ span: Span, _ stories: [CountPlace: PlaceStory]) async throws -> [String: Closing] {
        var closings: [String: Closing] = [:]
        try await each(span) { done in
            for step in steps(done) where step.closes {
                var closing = closings[step.place.family] ?? Closing()
                switch stories[step.place]?.standing(of: step, done.mark) {
                case .present: closing.present = done.mark
                case .forgotten: closing.forgotten = closing.forgotten ?? done.mark
                case .unclear, nil: break
                }
                closings[step.place.family] = closing
            }
        }
        return closings
    }

    // MARK: - Commands

    private func standing(
        of done: DoneCommand, _ stories: [CountPlace: PlaceStory], _ closings: [String: Closing]
    ) async throws -> Recall {
        let steps = steps(done).filter { $0.closes || $0.before != $0.after }
        guard !steps.isEmpty else { return try await target.recall(done) }
        var found: Set<PlaceStory.Standing> = []
        for step in steps {
            guard let story = stories[step.place] else { continue }
            let standing = story.standing(of: step, done.mark)
            guard case .unclear = standing, let closing = closings[step.place.family] else {
                found.insert(standing)
                continue
            }
            if let present = closing.present, done.mark < present {
                // What stood there when the record was closed became part of it.
                found.insert(.present)
            } else if let forgotten = closing.forgotten, forgotten < done.mark, story.isGone {
                // A record that a forgotten closing split off is gone with it.
                found.insert(.forgotten)
            } else {
                found.insert(standing)
            }
        }
        if found == [.present] { return .present }
        if found == [.forgotten] { return .absent }
        let reasons = found.compactMap { if case .unclear(let reason) = $0 { reason } else { nil } }.sorted()
        return .unclear(
            DeliveryFailures.unclear.failure(
                reasons.isEmpty ? "one of its values is there and another is not" : reasons.joined(separator: "; ")))
    }
}
