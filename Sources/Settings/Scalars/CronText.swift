package import Contracts

/// Times of a batch as settings write them: the five fields of cron, `30 22 * * mon-fri`, or a word such as `@daily`.
///
/// Fields are minute, hour, day of the month, month, day of the week; each takes `*`, numbers, ranges, lists and steps,
/// the last two names as well (`jan`, `mon`). Sunday is 0 or 7.
package enum CronText {
    /// One of the five fields.
    private struct Part {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []
        /// What the first of `names` stands for.
        var first = 0
    }

    private static let parts = [
        Part(name: "minute", range: 0...59), Part(name: "hour", range: 0...23),
        Part(name: "day of the month", range: 1...31),
        Part(
            name: "month", range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], first: 1),
        Part(name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    private static let words: [String: String] = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// The longest expression that is read, in bytes.
    private static let longest = 512

    /// Reads an expression. Throws for anything else, and for days that no calendar has.
    package static func parse(_ text: String) throws(ScalarRefusal) -> CronExpression {
        guard text.utf8.count <= longest else { throw refusal("is longer than \(longest) bytes", nil) }
        if text.hasPrefix("@") {
            guard let meant = words[text.lowercased()] else {
                let nearest = NearestName.of(text, among: words.keys.sorted())
                throw refusal(
                    "is \(text.quotedBriefly), which is none of \(words.keys.sorted().joined(separator: ", "))",
                    nearest.map { "did you mean \($0)?" })
            }
            return try parse(meant)
        }
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { $0.lowercased() }
        guard fields.count == parts.count else { throw wrongCount(text, fields) }
        var sets: [Set<Int>] = []
        for (field, part) in zip(fields, parts) { sets.append(try values(field, part)) }
        // Sunday is both.
        let weekdays = Set(sets[4].map { $0 % 7 })
        let expression = CronExpression(
            minutes: sets[0], hours: sets[1], daysOfMonth: sets[2], months: sets[3], daysOfWeek: weekdays,
            isEveryHour: sets[1].count == 24)
        guard expression.canHappen else {
            throw refusal(
                "is \(text.quotedBriefly), and no month that it names has such a day",
                "name a day that there is: \"\(fields[0]) \(fields[1]) 28 \(fields[3]) *\"")
        }
        return expression
    }

    private static func wrongCount(_ text: String, _ fields: [String]) -> ScalarRefusal {
        let advice: String
        if fields.count == 6 {
            // Some write seconds first.
            advice = "seconds are not counted here: write \"\(fields.dropFirst().joined(separator: " "))\""
        } else if fields.count == 1, let time = clock(fields[0]) {
            advice = "write \"\(time.minute) \(time.hour) * * *\" for every day at that time"
        } else {
            advice = "write minute, hour, day of the month, month and day of the week: \"30 22 * * mon-fri\""
        }
        return refusal("is \(text.quotedBriefly), which has \(fields.count) fields and not five", advice)
    }

    /// `22:30`, as people write a time of every day.
    private static func clock(_ text: String) -> (hour: Int, minute: Int)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]), (0...23).contains(hour),
            (0...59).contains(minute)
        else { return nil }
        return (hour, minute)
    }

    private static func values(_ field: String, _ part: Part) throws(ScalarRefusal) -> Set<Int> {
        var values: Set<Int> = []
        for element in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = element.split(separator: "/", omittingEmptySubsequences: false)
            guard pieces.count <= 2, let body = pieces.first, !body.isEmpty else {
                throw refusal("has \(field.quotedBriefly) as its \(part.name), which is none", example(part))
            }
            var step = 1
            if pieces.count == 2 {
                guard let given = Int(pieces[1]), given >= 1, given <= part.range.upperBound else {
                    throw refusal(
                        "has the step \(String(pieces[1]).quotedBriefly) in its \(part.name), and a step is from 1 to "
                            + "\(part.range.upperBound)", "write */\(min(5, part.range.upperBound))")
                }
                step = given
            }
            let range = try range(String(body), part, hasStep: pieces.count == 2)
            values.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        return values
    }

    private static func range(
        _ body: String, _ part: Part, hasStep: Bool
    ) throws(ScalarRefusal) -> ClosedRange<Int> {
        if body == "*" {
            // `*` of the days of the week is each of them once.
            return part.range.lowerBound...(part.names.count == 7 ? 6 : part.range.upperBound)
        }
        let ends = body.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard ends.count <= 2, let first = ends.first else {
            throw refusal("has \(body.quotedBriefly) as its \(part.name), which is none", example(part))
        }
        let low = try number(first, part)
        guard ends.count == 2 else {
            // `10/5`: from there to the end.
            return low...(hasStep ? part.range.upperBound : low)
        }
        var high = try number(ends[1], part)
        if part.names.count == 7, high == 0 { high = 7 }
        guard low <= high else {
            throw refusal(
                "has \(body.quotedBriefly) as its \(part.name), which ends before it begins",
                "write both parts: \"\(first)-\(part.range.upperBound),\(part.range.lowerBound)-\(ends[1])\"")
        }
        return low...high
    }

    private static func number(_ text: String, _ part: Part) throws(ScalarRefusal) -> Int {
        if let index = part.names.firstIndex(of: text) { return part.first + index }
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text) else {
            let nearest = NearestName.of(text, among: part.names) ?? part.names.first { text.hasPrefix($0) }
            throw refusal(
                "has \(text.quotedBriefly) as its \(part.name), which is none",
                nearest.map { "did you mean \($0)?" } ?? example(part))
        }
        guard part.range.contains(number) else {
            throw refusal(
                "has \(number) as its \(part.name), which goes from \(part.range.lowerBound) to "
                    + "\(part.range.upperBound)",
                part.name == "hour" && number == 24 ? "write 0 for midnight" : example(part))
        }
        return number
    }

    private static func example(_ part: Part) -> String {
        part.names.isEmpty
            ? "write a number from \(part.range.lowerBound) to \(part.range.upperBound), a range, a list, or *"
            : "write a number from \(part.range.lowerBound) to \(part.range.upperBound), or a name: \(part.names[1])"
    }

    private static func refusal(_ reason: String, _ suggestion: String?) -> ScalarRefusal {
        ScalarRefusal(
            SettingsFailures.cron, reason, suggestion: suggestion ?? "write it like \"30 22 * * mon-fri\"")
    }
}
