/// A regular expression in the syntax of ECMA-262 (edition 2025, section 22.2, with the flag `u`), as JSON Schema has
/// them: found anywhere in a text, by code points, within a number of steps. Compiled once, matched from any thread.
///
/// Differs from ECMA-262: punctuation behind a backslash stands for itself, whatever it is; `{`, `}` and `]` that close
/// or open nothing stand for themselves; a group in a repetition keeps what an earlier round took; `\p{…}` takes
/// general categories and Oniguruma's names of classes, and refuses scripts by name.
package struct ECMAPattern: Sendable {
    /// Why a pattern is none.
    package struct Fault: Error, Sendable, Equatable {
        /// What is wrong, in words.
        package let reason: String
    }

    private let regex: Regex

    /// Reads `pattern`; throws for one that is no regular expression, or too big.
    package init(_ pattern: String) throws(Fault) {
        do throws(RegexFault) {
            let (tree, groups) = try ECMAParser.parse(pattern)
            regex = try Regex(tree, groups: groups, names: [:], Regex.Flags())
        } catch {
            throw Fault(reason: error.reason)
        }
    }

    /// How big it is, compiled: a bound for those that keep many.
    package var size: Int { regex.steps.count }

    /// Whether it is found in `text`, for at most `steps`, of which those used are taken; nil where they did not do.
    package func isFound(in text: String, steps: inout Int) -> Bool? {
        let budget = RegexBudget(steps: steps)
        defer { steps = max(budget.left, 0) }
        do throws(JQ.Fault) {
            let scalars = text.unicodeScalars.map(\.value)
            try budget.work(scalars.count)
            return try regex.firstMatch(in: scalars, from: 0, budget) != nil
        } catch {
            return nil
        }
    }
}
