package import Canonical
package import Contracts
package import ExactJSON
package import Store

/// Compares what shadows would have done with what their target shows now. Reads only.
///
/// What is counted up is compared by its sum: what a value showed before the first of them, and all that they would
/// have added, against what it shows now. Of everything else the target is asked anew what it would do: where nothing
/// is left to do, somebody has done it. A target that does not look before it sends cannot be asked so, and nothing is
/// said to be missing there.
package struct ShadowComparison: Sendable {
    /// One value that shadows would have counted up.
    package struct Value: Sendable {
        package let place: CountPlace
        package let order: String
        package fileprivate(set) var commands: Int
        /// What it showed when the first of them was worked out.
        package let before: ExactNumber
        /// What it would show now, had they been sent and nobody else had done anything.
        package fileprivate(set) var expected: ExactNumber
        package fileprivate(set) var sight: CountSight
        fileprivate let step: CountStep

        /// What it shows beyond what is expected; nil where it is gone.
        package var difference: ExactNumber? {
            guard case .shows(let shown, _) = sight else { return nil }
            return try? ExactNumber.subtracting(shown, expected).trimmed()
        }
    }

    /// Where a command stands at the target now.
    package enum Standing: Sendable {
        /// Nothing is left to do.
        case isThere(String)
        case isNot
        case refused(Failure)
        case cannotTell(Failure)
        /// This kind of target never looks before it sends: it would take the command, and what it has of it is not
        /// known.
        case neverKnown
    }

    /// One command that counts nothing.
    package struct Item: Sendable {
        package let command: ShadowCommand
        package let standing: Standing
    }

    /// What was found.
    package struct Report: Sendable {
        package var values: [Value] = []
        package var items: [Item] = []
        /// How many would have been sent, were there already, or would have been refused when they were worked out.
        package var verdicts: [ShadowRecord.Verdict: Int] = [:]
        /// Those that would have been refused, by reason.
        package var refusals: [String: Int] = [:]
        /// Commands that the target was not asked about, as they were too many.
        package var unasked = 0

        /// Whether the target can be asked what stands there.
        package var isLookedAt = true

        /// Whether the target, as far as it can be asked at all, does not show everything.
        package var isMissing: Bool { isLookedAt && !isEqual }

        /// Whether the target shows everything that would have been done.
        package var isEqual: Bool {
            values.allSatisfy { $0.difference == ExactNumber(0) } && unasked == 0
                && items.allSatisfy { if case .isThere = $0.standing { true } else { false } }
        }
    }

    /// Values and commands that are held and asked about, at most.
    package static let maximumValues = 100_000
    package static let maximumAsked = 2_000
    private static let page = 500

    private let target: any Target
    private let commands: @Sendable (DoneMark, Int) async throws -> [ShadowCommand]

    /// `commands`: those of shadows behind a mark, at most so many, which may be another process's.
    package init(
        target: any Target, commands: @escaping @Sendable (DoneMark, Int) async throws -> [ShadowCommand]
    ) {
        self.target = target
        self.commands = commands
    }

    /// Compares what was worked out from `since` on and until `until`, of one flow or of all. Throws ``Failure`` where
    /// the target cannot be asked or there are too many values.
    package func report(since: Instant, until: Instant, flow: FlowName?) async throws -> Report {
        var report = Report()
        report.isLookedAt = type(of: target).looksBeforehand
        var places: [CountPlace: Int] = [:]
        var mark = DoneMark(settled: since, command: 0)
        reading: while true {
            let page = try await commands(mark, Self.page)
            for command in page {
                guard command.done.settled <= until else { break reading }
                guard flow.map({ $0 == command.done.command.flow }) ?? true else { continue }
                try await note(command, &report, &places)
            }
            guard let last = page.last, page.count == Self.page else { break }
            mark = last.done.mark
        }
        if let reconcilable = target as? any Reconcilable {
            for index in report.values.indices {
                report.values[index].sight = try await reconcilable.look(at: report.values[index].step)
            }
        }
        return report
    }

    private func note(
        _ command: ShadowCommand, _ report: inout Report, _ places: inout [CountPlace: Int]
    ) async throws {
        report.verdicts[command.record.verdict, default: 0] += 1
        switch command.record.verdict {
        case .isThere: return
        case .wouldBeRefused:
            report.refusals[command.record.summary, default: 0] += 1
            return
        case .wouldSend: break
        }
        let steps = (target as? any Reconcilable).map { type(of: $0).counts(of: command.done) } ?? []
        for step in steps {
            let added = try ExactNumber.subtracting(step.after, step.before)
            if let place = places[step.place] {
                report.values[place].commands += 1
                report.values[place].expected = try .adding(report.values[place].expected, added)
            } else {
                guard report.values.count < Self.maximumValues else {
                    throw DeliveryFailures.tooMuch.failure(
                        "more than \(Self.maximumValues) values were counted up in that time")
                }
                places[step.place] = report.values.count
                report.values.append(
                    Value(
                        place: step.place, order: step.order, commands: 1, before: step.before, expected: step.after,
                        sight: .gone, step: step))
            }
        }
        guard steps.isEmpty else { return }
        guard report.items.count < Self.maximumAsked else {
            report.unasked += 1
            return
        }
        report.items.append(Item(command: command, standing: await standing(of: command.done.command)))
    }

    /// What the target would do now.
    private func standing(of command: Command) async -> Standing {
        var ledger: [LedgerEntry] = []
        for _ in 0..<2 {
            switch await target.prepare(command, ledger: ledger) {
            case .needsLedger(let keys): ledger = keys.map { LedgerEntry(key: $0, value: .null) }
            case .ready: return type(of: target).looksBeforehand ? .isNot : .neverKnown
            case .settled(.accepted(let acceptance)):
                return .isThere("\(acceptance.reference) \(acceptance.summary)")
            case .settled(.rejected(let failure)): return .refused(failure)
            case .settled(.deferred(let deferral)): return .cannotTell(deferral.failure)
            case .settled(.unknown(let failure)): return .cannotTell(failure)
            }
        }
        return type(of: target).looksBeforehand ? .isNot : .neverKnown
    }
}
