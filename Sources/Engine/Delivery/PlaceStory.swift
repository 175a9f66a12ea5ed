package import Canonical
package import Contracts
package import ExactJSON
package import Store

/// How far what commands wrote to one value is still there, told from the value that the target shows. Pure.
///
/// Each command left a number: what stood there before, what stands there after. A target that was set back shows one
/// of these numbers again; what was written behind it is forgotten. Where the value is none of them, or several that
/// differ in what is behind them, a person must look.
package struct PlaceStory: Sendable {
    /// Where one command stands in the story.
    package enum Standing: Sendable, Hashable {
        case present
        case forgotten
        case unclear(String)
    }

    /// What the target shows, or showed when the first command behind the time looked at found it.
    private let sight: CountSight
    /// Whether the target may have been set back between two of the commands.
    private let mayHaveBeenSetBack: Bool
    private var previous: (mark: DoneMark, after: ExactNumber)?
    /// Commands behind which the value is the one shown; nil for "before the first".
    private var matches: [DoneMark?] = []
    /// The last command that closed the record.
    private var closing: (mark: DoneMark, after: ExactNumber)?
    /// Where the value was set to less than this node left, seen by the command after that.
    private var setBack: (at: DoneMark, from: ExactNumber, to: ExactNumber)?
    private static let matchesMaximum = 8

    /// `sight`: the value at the end of the time looked at. `mayHaveBeenSetBack`: whether that was within this time,
    /// so that a value that went down between two commands may show where.
    package init(_ sight: CountSight, mayHaveBeenSetBack: Bool) {
        self.sight = sight
        self.mayHaveBeenSetBack = mayHaveBeenSetBack
    }

    /// Whether the record is not there.
    package var isGone: Bool { sight == .gone }

    /// Notes the next command, in the order in which they were settled.
    package mutating func note(_ step: CountStep, _ mark: DoneMark) {
        guard step.closes || step.before != step.after else { return }
        if mayHaveBeenSetBack, let previous, step.before < previous.after {
            setBack = (mark, previous.after, step.before)
        }
        if case .shows(let value, _) = sight, step.before == value { match(previous?.mark) }
        if case .shows(let value, _) = sight, step.after == value, !step.closes { match(mark) }
        if step.closes { closing = (mark, step.after) }
        previous = (mark, step.after)
    }

    private mutating func match(_ mark: DoneMark?) {
        if !matches.contains(mark), matches.count < Self.matchesMaximum { matches.append(mark) }
    }

    /// Whether the value stands where the last command left it.
    package var isWhole: Bool {
        guard case .shows(let value, let isClosed) = sight, let previous else { return false }
        return closing == nil || isClosed ? previous.after == value : false
    }

    /// The last command that is still there; nil where none is. Throws what a person must look at.
    private func lastThere() throws(Unclear) -> DoneMark? {
        switch sight {
        case .gone: throw Unclear("the record is not in the target any more")
        case .shows(let value, let isClosed):
            if isClosed {
                if let closing, closing.after == value { return closing.mark }
                if closing == nil, isWhole { return previous?.mark }
                throw Unclear("it is closed, and shows \(value) where \(text(previous?.after)) was left")
            }
            if closing == nil, isWhole { return previous?.mark }
            guard let match = matches.first else {
                throw Unclear(
                    "it shows \(value), which it never did in this time; \(text(previous?.after)) was left")
            }
            guard matches.count == 1 else {
                throw Unclear("it shows \(value), as it did more than once in this time")
            }
            return match
        }
    }

    private func text(_ value: ExactNumber?) -> String { value.map { "\($0)" } ?? "nothing" }

    /// Where the command at `mark` stands.
    package func standing(of step: CountStep, _ mark: DoneMark) -> Standing {
        do throws(Unclear) {
            if let setBack, mark < setBack.at, step.after > setBack.to {
                throw Unclear(
                    "it was left at \(setBack.from) and was \(setBack.to) before the next command; where the target "
                        + "was set back before \(setBack.at.settled), say so with --until")
            }
            guard let last = try lastThere() else { return .forgotten }
            return mark <= last ? .present : .forgotten
        } catch {
            return .unclear(error.reason)
        }
    }

    private struct Unclear: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }
}
