/// One step of a compiled regular expression.
enum RegexStep: Sendable {
    case set(RegexClass)
    /// A single code point without another case: the common one, made fast.
    case code(UInt32)
    case anchor(RegexAnchor)
    case jump(Int)
    /// Goes on at the first place, and at the second one if that fails.
    case fork(Int, Int)
    case save(Int)
    case reference(Int, ignoringCase: Bool)
    /// Remembers the place in the text, and fails if a repetition has not moved since.
    case markPosition(Int)
    case failWithoutProgress(Int)
    /// What follows, up to the matching `endLook`, is tried by itself; the step after `end` is next.
    case look(ahead: Bool, negative: Bool, end: Int)
    case atomic(end: Int)
    /// Sets the match's beginning to this place.
    case keep
    case grapheme
    /// Goes on if the group has matched, else at the other place.
    case condition(group: Int, otherwise: Int)
    /// The end of a look or an atomic group, or of the whole expression.
    case accept
}

/// A set of code points made fast for those of ASCII.
final class RegexClass: Sendable {
    private let low: UInt64
    private let high: UInt64
    private let set: RegexSet

    init(_ set: RegexSet) {
        self.set = set
        var (low, high): (UInt64, UInt64) = (0, 0)
        for code in UInt32(0)..<64 {
            if set.contains(code) { low |= 1 << UInt64(code) }
            if set.contains(code + 64) { high |= 1 << UInt64(code) }
        }
        (self.low, self.high) = (low, high)
    }

    func contains(_ code: UInt32) -> Bool {
        if code < 64 { return low >> UInt64(code) & 1 == 1 }
        if code < 128 { return high >> UInt64(code - 64) & 1 == 1 }
        return set.contains(code)
    }
}

/// Turns the tree into steps.
struct RegexCompiler {
    /// Counted repetitions are written out, so an expression can grow; this bounds it.
    static let maximumSteps = 20_000

    private(set) var steps: [RegexStep] = []
    private(set) var marks = 0

    mutating func compile(_ tree: RegexSyntax) throws(RegexFault) {
        guard steps.count < Self.maximumSteps else { throw RegexFault(reason: "the regular expression is too big") }
        switch tree {
        case .empty: break
        case .set(let set):
            if set.members.count == 1, case .range(let low, let high) = set.members[0], low == high, !set.isNegated,
                !set.ignoresCase
            {
                steps.append(.code(low))
            } else {
                steps.append(.set(RegexClass(set)))
            }
        case .sequence(let parts): for part in parts { try compile(part) }
        case .alternatives(let branches): try compile(alternatives: branches)
        case .group(let inner, let index):
            steps.append(.save(2 * index))
            try compile(inner)
            steps.append(.save(2 * index + 1))
        case .atomic(let inner): try compile(inner) { .atomic(end: $0) }
        case .look(let inner, let ahead, let negative):
            try compile(inner) { .look(ahead: ahead, negative: negative, end: $0) }
        case .keep: steps.append(.keep)
        case .grapheme: steps.append(.grapheme)
        case .condition(let group, let first, let second): try compile(first, orElse: second, by: group)
        case .anchor(let anchor): steps.append(.anchor(anchor))
        case .reference(let group, let ignoringCase): steps.append(.reference(group, ignoringCase: ignoringCase))
        case .repetition(let inner, let least, let most, .possessive):
            try compile(.atomic(.repetition(inner, least: least, most: most, kind: .greedy)))
        case .repetition(let inner, let least, let most, let kind):
            try repeated(inner, least: least, most: most, isLazy: kind == .lazy)
        }
    }

    mutating func accept() { steps.append(.accept) }

    private mutating func compile(
        _ inner: RegexSyntax, as head: (Int) -> RegexStep
    ) throws(RegexFault) {
        let place = steps.count
        steps.append(.accept)
        try compile(inner)
        steps.append(.accept)
        steps[place] = head(steps.count)
    }

    private mutating func compile(
        _ first: RegexSyntax, orElse second: RegexSyntax, by group: Int
    ) throws(RegexFault) {
        let head = steps.count
        steps.append(.accept)
        try compile(first)
        let jump = steps.count
        steps.append(.accept)
        steps[head] = .condition(group: group, otherwise: steps.count)
        try compile(second)
        steps[jump] = .jump(steps.count)
    }

    private mutating func compile(alternatives branches: [RegexSyntax]) throws(RegexFault) {
        var jumps: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index < branches.count - 1 else {
                try compile(branch)
                break
            }
            let fork = steps.count
            steps.append(.accept)
            try compile(branch)
            jumps.append(steps.count)
            steps.append(.accept)
            steps[fork] = .fork(fork + 1, steps.count)
        }
        for jump in jumps { steps[jump] = .jump(steps.count) }
    }

    private mutating func repeated(
        _ inner: RegexSyntax, least: Int, most: Int?, isLazy: Bool
    ) throws(RegexFault) {
        for _ in 0..<least { try compile(inner) }
        guard let most else { return try unbounded(inner, isLazy: isLazy) }
        var forks: [Int] = []
        for _ in least..<max(most, least) {
            forks.append(steps.count)
            steps.append(.accept)
            try compile(inner)
        }
        for fork in forks { steps[fork] = Self.fork(fork + 1, steps.count, isLazy: isLazy) }
    }

    private mutating func unbounded(_ inner: RegexSyntax, isLazy: Bool) throws(RegexFault) {
        let mark = marks
        marks += 1
        let fork = steps.count
        steps.append(.accept)
        steps.append(.markPosition(mark))
        try compile(inner)
        steps.append(.failWithoutProgress(mark))
        steps.append(.jump(fork))
        steps[fork] = Self.fork(fork + 1, steps.count, isLazy: isLazy)
    }

    private static func fork(_ inside: Int, _ behind: Int, isLazy: Bool) -> RegexStep {
        isLazy ? .fork(behind, inside) : .fork(inside, behind)
    }
}
