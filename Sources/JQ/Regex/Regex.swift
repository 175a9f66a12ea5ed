/// A compiled regular expression, for code points.
///
/// Matching goes back as Oniguruma does, so it finds the same matches; its steps are counted by a ``RegexMeter``,
/// so that an expression of exponential cost ends with an error instead of never.
final class Regex: Sendable {
    let steps: [RegexStep]
    let groupCount: Int
    /// The name of each group, from group 1 on; nil for one without a name.
    let groupNames: [String?]
    let flags: Flags
    fileprivate let markCount: Int

    /// The letters that jq's functions take.
    struct Flags: Sendable, Equatable {
        var isGlobal = false
        var ignoresCase = false
        var isExtended = false
        var pointTakesNewline = false
        var findsLongest = false
        var ignoresEmpty = false
    }

    convenience init(_ pattern: String, _ flags: Flags) throws(RegexFault) {
        let options = RegexParser.Options(
            ignoresCase: flags.ignoresCase, isExtended: flags.isExtended, pointTakesNewline: flags.pointTakesNewline)
        let (tree, groups, names) = try RegexParser.parse(pattern, options)
        try self.init(tree, groups: groups, names: names, flags)
    }

    /// The expression of a tree, whatever syntax it was read from.
    init(_ tree: RegexSyntax, groups: Int, names: [Int: String], _ flags: Flags) throws(RegexFault) {
        var compiler = RegexCompiler()
        try compiler.compile(tree)
        compiler.accept()
        steps = compiler.steps
        markCount = compiler.marks
        groupCount = groups
        groupNames = groups == 0 ? [] : (1...groups).map { names[$0] }
        self.flags = flags
    }

    /// Start and end of the match and its groups in code points: `[start, end, start1, end1, …]`, -1 for no part.
    typealias Match = [Int]

    /// The first match that begins at `start` or later, or nil.
    func firstMatch(
        in text: [UInt32], from start: Int, _ meter: some RegexMeter
    ) throws(Fault) -> Match? {
        var matcher = RegexMatcher(regex: self, text: text, searchStart: start)
        var position = start
        while position <= text.count {
            switch steps[0] {
            case .code(let code):
                // Most expressions begin with a character: the places without it need no attempt.
                let before = position
                while position < text.count, text[position] != code { position += 1 }
                try meter.work(position - before)
                if position == text.count { return nil }
            case .anchor(.textStart): if position > 0 { return nil }
            default: break
            }
            if let match = try matcher.match(at: position, meter) { return match }
            position += 1
        }
        return nil
    }

    fileprivate var slots: Int { 2 * (groupCount + 1) }
}

/// One search: the text, what the groups hold, and what can still be tried.
private struct RegexMatcher {
    private let regex: Regex
    private let text: [UInt32]
    private let searchStart: Int
    private var captures: [Int]
    private var marks: [Int]
    private var tries: [Try] = []
    private var count = 0

    private enum Try {
        case resume(step: Int, position: Int)
        case restoreCapture(Int, Int)
        case restoreMark(Int, Int)
    }

    init(regex: Regex, text: [UInt32], searchStart: Int) {
        self.regex = regex
        self.text = text
        self.searchStart = searchStart
        captures = Array(repeating: -1, count: regex.slots)
        marks = Array(repeating: -1, count: regex.markCount)
    }

    mutating func match(at start: Int, _ meter: some RegexMeter) throws(Fault) -> Regex.Match? {
        for slot in captures.indices { captures[slot] = -1 }
        for mark in marks.indices { marks[mark] = -1 }
        tries.removeAll(keepingCapacity: true)
        var best: Regex.Match?
        var end = try run(from: 0, at: start, floor: 0, meter)
        while let found = end {
            var match = captures
            // `\K` has set another beginning.
            if match[0] < 0 { match[0] = start }
            match[1] = found
            if regex.flags.ignoresEmpty, found == match[0] {
                end = try goBack(floor: 0, meter)
                continue
            }
            guard regex.flags.findsLongest else { return match }
            if found > best?[1] ?? -1 { best = match }
            end = try goBack(floor: 0, meter)
        }
        return best
    }

    /// Takes the latest of what can still be tried above `floor`, and runs on from there.
    private mutating func goBack(floor: Int, _ meter: some RegexMeter) throws(Fault) -> Int? {
        guard let (step, position) = nextTry(above: floor) else { return nil }
        return try run(from: step, at: position, floor: floor, meter)
    }

    private mutating func nextTry(above floor: Int) -> (step: Int, position: Int)? {
        while tries.count > floor, let last = tries.popLast() {
            switch last {
            case .resume(let step, let position): return (step, position)
            case .restoreCapture(let slot, let value): captures[slot] = value
            case .restoreMark(let mark, let value): marks[mark] = value
            }
        }
        return nil
    }

    /// Runs until a step accepts (the position there) or nothing above `floor` is left to try (nil).
    private mutating func run(
        from first: Int, at start: Int, floor: Int, _ meter: some RegexMeter
    ) throws(Fault) -> Int? {
        var (step, position) = (first, start)
        while true {
            count += 1
            // A step of the matcher is far cheaper than one of the machine.
            if count & 7 == 0 { try meter.step() }
            if case .accept = regex.steps[step] { return position }
            if let next = try advance(step, &position, meter) {
                step = next
            } else {
                guard let (resumed, place) = nextTry(above: floor) else { return nil }
                (step, position) = (resumed, place)
            }
        }
    }

    /// The step after `step`, or nil where it fails.
    private mutating func advance(
        _ step: Int, _ position: inout Int, _ meter: some RegexMeter
    ) throws(Fault) -> Int? {
        switch regex.steps[step] {
        case .code(let code):
            guard position < text.count, text[position] == code else { return nil }
            position += 1
        case .set(let set):
            guard position < text.count, set.contains(text[position]) else { return nil }
            position += 1
        case .anchor(let anchor): guard holds(anchor, at: position) else { return nil }
        case .jump(let target): return target
        case .fork(let first, let second):
            try push(.resume(step: second, position: position), meter)
            return first
        case .save(let slot):
            try push(.restoreCapture(slot, captures[slot]), meter)
            captures[slot] = position
        case .markPosition(let mark):
            try push(.restoreMark(mark, marks[mark]), meter)
            marks[mark] = position
        case .failWithoutProgress(let mark): guard marks[mark] != position else { return nil }
        case .keep:
            try push(.restoreCapture(0, captures[0]), meter)
            captures[0] = position
        case .grapheme:
            guard let end = graphemeEnd(from: position) else { return nil }
            position = end
        case .condition(let group, let otherwise): if captures[2 * group + 1] < 0 { return otherwise }
        case .reference(let group, let ignoringCase):
            guard let end = reference(group, ignoringCase, at: position) else { return nil }
            position = end
        case .look(let ahead, let negative, let end):
            let isFound = try look(from: step + 1, ahead: ahead, at: position, keeps: !negative, meter)
            return isFound != negative ? end : nil
        case .atomic(let end):
            guard let reached = try nested(from: step + 1, at: position, keeps: true, meter) else { return nil }
            position = reached
            return end
        case .accept: break
        }
        return step + 1
    }

    private mutating func push(_ attempt: Try, _ meter: some RegexMeter) throws(Fault) {
        guard tries.count < meter.mostTries else { throw .limit(.memory) }
        tries.append(attempt)
    }

    /// Runs an inner expression to its first match and forgets its other possibilities.
    private mutating func nested(
        from step: Int, at position: Int, keeps: Bool, _ meter: some RegexMeter
    ) throws(Fault) -> Int? {
        let floor = tries.count
        let before = captures
        let end = try run(from: step, at: position, floor: floor, meter)
        // What is given up must still undo the groups set inside, when the outer expression goes back.
        let undo = tries[floor...].filter { if case .resume = $0 { false } else { true } }
        tries.removeSubrange(floor...)
        if end == nil || !keeps { captures = before } else { tries.append(contentsOf: undo) }
        return end
    }

    private mutating func look(
        from step: Int, ahead: Bool, at position: Int, keeps: Bool, _ meter: some RegexMeter
    ) throws(Fault) -> Bool {
        if ahead { return try nested(from: step, at: position, keeps: keeps, meter) != nil }
        // Behind: the inner expression must end here, wherever it begins.
        for start in stride(from: position, through: 0, by: -1) {
            let floor = tries.count
            let before = captures
            var end = try run(from: step, at: start, floor: floor, meter)
            while let found = end, found != position { end = try goBack(floor: floor, meter) }
            tries.removeSubrange(min(floor, tries.count)...)
            if end != nil {
                if !keeps { captures = before }
                return true
            }
            captures = before
        }
        return false
    }

    /// Where the character ends that a reader sees at `position`; what combines with it is looked for this far.
    private func graphemeEnd(from position: Int) -> Int? {
        guard position < text.count else { return nil }
        let ahead = Text.string(text[position..<min(position + 64, text.count)])
        return position + (ahead.first?.unicodeScalars.count ?? 1)
    }

    private func reference(_ group: Int, _ ignoringCase: Bool, at position: Int) -> Int? {
        let (start, end) = (captures[2 * group], captures[2 * group + 1])
        guard start >= 0, end >= start, position + end - start <= text.count else { return nil }
        for offset in 0..<(end - start) {
            let (a, b) = (text[start + offset], text[position + offset])
            guard a == b || (ignoringCase && RegexCase.lower(a) == RegexCase.lower(b)) else { return nil }
        }
        return position + end - start
    }

    private func holds(_ anchor: RegexAnchor, at position: Int) -> Bool {
        let newline: UInt32 = 0x0A
        switch anchor {
        case .textStart: return position == 0
        case .textEnd: return position == text.count
        case .textEndOrLastNewline:
            return position == text.count || (position == text.count - 1 && text[position] == newline)
        case .lineStart: return position == 0 || text[position - 1] == newline
        case .lineEnd: return position == text.count || text[position] == newline
        case .searchStart: return position == searchStart
        case .asciiWordBoundary, .noASCIIWordBoundary:
            let before = position > 0 && RegexSet.asciiWord.contains(text[position - 1])
            let after = position < text.count && RegexSet.asciiWord.contains(text[position])
            return (before != after) == (anchor == .asciiWordBoundary)
        case .wordBoundary, .noWordBoundary:
            let before = position > 0 && RegexProperty.word.contains(text[position - 1])
            let after = position < text.count && RegexProperty.word.contains(text[position])
            return (before != after) == (anchor == .wordBoundary)
        }
    }
}
