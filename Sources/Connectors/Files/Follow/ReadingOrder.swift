import Canonical

/// In which order the files of a folder are read: those of a series one after the other, the oldest first. Pure.
///
/// A series is what a rotation leaves: files whose names differ in digits and separators alone, or in `.old` and
/// `.bak`. What stands in an earlier one was written before what stands in a later one.
struct ReadingOrder {
    /// What is known of a file before it is read.
    struct Candidate: Sendable {
        var path: String
        var series: String
        /// Whether something of it was read before.
        var isBegun: Bool
        var modified: Instant
    }

    /// The paths of each series in the order of reading; the series by their first paths.
    static func series(_ candidates: [Candidate]) -> [[String]] {
        Dictionary(grouping: candidates, by: \.series).values
            .map { $0.count > 1 ? $0.sorted(by: comesFirst).map(\.path) : $0.map(\.path) }
            .sorted { ($0.first ?? "") < ($1.first ?? "") }
    }

    /// A file that was read in part comes before those that were not begun, because each is read to its end before the
    /// next is begun. Then the one that was written to earlier, then the one whose name says so.
    private static func comesFirst(_ a: Candidate, _ b: Candidate) -> Bool {
        if a.isBegun != b.isBegun { return a.isBegun }
        if a.modified != b.modified { return a.modified < b.modified }
        return Age(of: a.path) < Age(of: b.path)
    }

    /// What the paths of a series have in common: folders without those whose name is a number or a date, and the
    /// file's name without digits, separators and what marks a time (`20250203T061500Z`).
    static func name(of path: String) -> String {
        var parts = FileKey.stem(of: path).split(separator: "/", omittingEmptySubsequences: false)
        let name = Array(parts.popLast() ?? "")
        let folders = parts.map { $0.allSatisfy(isFiller) ? "#" : String($0) }
        let letters = name.indices.filter { index in
            if isFiller(name[index]) { return false }
            let isBehindDigit = index > 0 && name[index - 1].isASCIIDigit
            let next = index + 1 < name.count ? name[index + 1] : nil
            if name[index] == "T", isBehindDigit, next?.isASCIIDigit == true { return false }
            return !(name[index] == "Z" && isBehindDigit && next?.isLetter != true)
        }
        return (folders + [String(letters.map { name[$0] })]).joined(separator: "/")
    }

    private static func isFiller(_ character: Character) -> Bool {
        character.isASCIIDigit || "-_. ()".contains(character)
    }

    /// How old a file of a series is by its name alone; the oldest is the least.
    struct Age: Sendable, Comparable {
        /// The numbers of the name, each of the same length: ascending with time. A name without any is the latest.
        let numbers: [String]
        /// The number behind the file's own ending, which rotation counts up as the file grows older; 0 without one.
        let generation: Int
        let path: String

        init(of path: String) {
            let stem = FileKey.stem(of: path)
            let suffix = path.dropFirst(stem.count)
            let count = suffix.dropFirst()
            // A date behind the ending is a number like those in the name.
            let isCounted = (1...3).contains(count.count) && count.allSatisfy(\.isASCIIDigit)
            let isWord = !suffix.isEmpty && !suffix.contains(where: \.isASCIIDigit)
            generation = isCounted ? Int(count) ?? 0 : isWord ? 1 : 0
            numbers = (isCounted || isWord ? stem : path).split { !$0.isASCIIDigit }
                .map { String(repeating: "0", count: max(0, 20 - $0.count)) + $0 }
            self.path = path
        }

        static func < (a: Age, b: Age) -> Bool {
            if a.numbers.isEmpty != b.numbers.isEmpty { return b.numbers.isEmpty }
            if a.numbers != b.numbers { return a.numbers.lexicographicallyPrecedes(b.numbers) }
            if a.generation != b.generation { return a.generation > b.generation }
            return a.path < b.path
        }
    }

    /// What a rotation put into a file's name: `Job.sdc` became `Job-9.sdc` or `Job.sdc.1`.
    struct Insertion: Sendable {
        private let before: Substring
        private let after: Substring
        private let form: [Character]

        /// Nil where the new name is not the old one with something put into it.
        init?(_ path: String, became moved: String) {
            let common = zip(path, moved).prefix { $0 == $1 }.count
            before = path.prefix(common)
            after = path.dropFirst(common)
            let rest = moved.dropFirst(common)
            guard !rest.isEmpty, rest.count > after.count, rest.hasSuffix(after) else { return nil }
            form = Self.form(of: rest.dropLast(after.count))
        }

        /// Whether this is another name that the same rotation gives.
        func gave(_ path: String) -> Bool {
            guard path.hasPrefix(before), path.count > before.count + after.count, path.hasSuffix(after) else {
                return false
            }
            return Self.form(of: path.dropFirst(before.count).dropLast(after.count)) == form
        }

        /// The text with one `0` for each number.
        private static func form(of text: Substring) -> [Character] {
            text.reduce(into: []) { form, character in
                let next: Character = character.isASCIIDigit ? "0" : character
                if next != "0" || form.last != "0" { form.append(next) }
            }
        }
    }
}

extension Character {
    /// `0` to `9`.
    var isASCIIDigit: Bool { isASCII && isNumber }
}
