import Contracts
import ExactJSON

extension SpecChecker {
    /// The value of a scalar's text as `kind`.
    mutating func scalar(
        _ node: SettingsNode, _ text: String, _ kind: FieldKind, name: String, example: String?
    ) -> SettingValue? {
        if SecretText.looksLikeReference(text), !kind.mayHoldReference {
            fault(
                SettingsFailures.notSecret, at: node.location,
                "\(name) is written as a reference to a file or variable, and only secrets are read from those")
            return nil
        }
        if case .jq = kind { return program(node, text, name) }
        do {
            return try typed(text, kind, name, node.location)
        } catch {
            let shown = example ?? kind.exampleText
            fault(
                error.kind, at: node.location, "\(name) \(error.reason)",
                suggestion: error.suggestion ?? shown.map { "write it like \($0)" })
            return nil
        }
    }

    private mutating func typed(
        _ text: String, _ kind: FieldKind, _ name: String, _ place: SettingLocation
    ) throws(ScalarRefusal) -> SettingValue {
        switch kind {
        case .durationOrNever where text == "never": break
        case .durationOrNever(let range): return try typed(text, .duration(range), name, place)
        case .name: try NameText.check(text)
        case .integer(let range): return .integer(try Self.integer(text, range))
        case .number: return .number(try Self.number(text))
        case .duration(let range):
            let duration = try DurationText.parse(text)
            try Self.check(
                text, range.contains(duration), DurationText.format(range.lowerBound),
                DurationText.format(range.upperBound))
            return .duration(duration)
        case .bytes(let range):
            let bytes = try ByteCountText.parse(text)
            try Self.check(
                text, range.contains(bytes), ByteCountText.format(range.lowerBound),
                ByteCountText.format(range.upperBound))
            return .integer(bytes)
        case .choice(let choices): try Self.choice(text, choices.map(\.word))
        case .url(let schemes): return .text(try AddressText.url(text, schemes: schemes))
        case .hostAndPort:
            // `listen` is an address of this machine wherever it stands, and may leave the port to the system.
            _ = try AddressText.hostAndPort(text, toListen: name == "listen" || name.hasSuffix(".listen"))
        case .path: return .text(try path(text))
        case .secret:
            let reference = try SecretText.parse(text)
            if case .file(let file) = reference { return .secret(.file(try path(file))) }
            return .secret(reference)
        case .timeZone: try TimeZoneText.check(text)
        case .quietWindow: _ = try QuietWindowText.parse(text)
        case .cron: _ = try CronText.parse(text)
        case .timeFormat: try TimeFormatText.check(text)
        case .glob: try GlobText.check(text)
        case .reference(let referent):
            references.append(FoundReference(referent: referent, name: text, location: place, field: name))
        case .text, .jq, .json, .list, .oneOrMany, .map, .object, .variants: break
        }
        return .text(text)
    }

    /// An absolute path, or one below the settings folder.
    private func path(_ text: String) throws(ScalarRefusal) -> String {
        guard !text.isEmpty, !text.contains("\0") else { throw ScalarRefusal(SettingsFailures.type, "is no path") }
        guard !text.hasPrefix("~") else {
            throw ScalarRefusal(
                SettingsFailures.type, "is \(text.quotedBriefly), and ~ stands for nobody's home here",
                suggestion: "write the whole path, or one that starts at the settings folder")
        }
        if text.hasPrefix("/") { return text }
        let parts = text.split(separator: "/").filter { $0 != "." }
        return parts.isEmpty ? root : root + "/" + parts.joined(separator: "/")
    }

    private static func integer(_ text: String, _ range: ClosedRange<Int>) throws(ScalarRefusal) -> Int {
        let isWhole = !text.isEmpty && text.drop { $0 == "-" || $0 == "+" }.allSatisfy { $0.isASCII && $0.isNumber }
        guard let number = Int(text) else {
            guard isWhole, text.contains(where: \.isNumber) else {
                throw ScalarRefusal(
                    SettingsFailures.type, "is \(text.quotedBriefly), and a whole number is asked for")
            }
            throw ScalarRefusal(SettingsFailures.range, "is \(text.quotedBriefly), and must be \(described(range))")
        }
        guard range.contains(number) else {
            throw ScalarRefusal(
                SettingsFailures.range, "is \(number), and must be \(described(range))",
                suggestion: "write \(min(max(number, range.lowerBound), range.upperBound))")
        }
        return number
    }

    private static func described(_ range: ClosedRange<Int>) -> String {
        if range.upperBound == .max { return range.lowerBound == .min ? "smaller" : "at least \(range.lowerBound)" }
        return "from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func number(_ text: String) throws(ScalarRefusal) -> ExactNumber {
        guard let number = ExactNumber(text: text) else {
            let point = text.replacing(",", with: ".")
            throw ScalarRefusal(
                SettingsFailures.type, "is \(text.quotedBriefly), and a number is asked for",
                suggestion: point != text && ExactNumber(text: point) != nil ? "write \(point), with a point" : nil)
        }
        return number
    }

    private static func check(
        _ text: String, _ isInRange: Bool, _ lowest: String, _ highest: String
    ) throws(ScalarRefusal) {
        guard !isInRange else { return }
        throw ScalarRefusal(
            SettingsFailures.range, "is \(text.quotedBriefly), and must be from \(lowest) to \(highest)",
            suggestion: "write a value from \(lowest) to \(highest)")
    }

    private static func choice(_ text: String, _ words: [String]) throws(ScalarRefusal) {
        guard !words.contains(text) else { return }
        if words.count == 1 {
            throw ScalarRefusal(
                SettingsFailures.choice, "is \(text.quotedBriefly), and \(words[0]) is all that is offered",
                suggestion: "write \(words[0])")
        }
        throw ScalarRefusal(
            SettingsFailures.choice, "is \(text.quotedBriefly), and must be one of: \(words.joined(separator: ", "))",
            suggestion: NearestName.of(text, among: words).map { "did you mean \($0)?" } ?? "write one of the words")
    }

    private mutating func program(_ node: SettingsNode, _ text: String, _ name: String) -> SettingValue? {
        guard text.contains(where: { !$0.isWhitespace }) else {
            fault(
                SettingsFailures.program, at: node.location, "\(name) is an empty program",
                suggestion: "write . for the event itself")
            return nil
        }
        programs.append(FoundProgram(text: text, node: node))
        let found = checkProgram(text, node.location.file)
        let position = ScalarPosition(node: node, source: sources[node.location.file])
        for problem in found {
            let place = position.location(line: problem.line, column: problem.column)
            let within = place == nil ? " (line \(problem.line), column \(problem.column) of the program)" : ""
            fault(
                SettingsFailures.program, at: place ?? node.location, "\(name): \(problem.reason)\(within)",
                suggestion: problem.suggestion)
        }
        return found.isEmpty ? .text(text) : nil
    }
}
