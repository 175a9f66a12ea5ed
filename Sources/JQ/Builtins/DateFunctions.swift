import ExactJSON

/// Dates, all in UTC (jq 1.7 manual, "Dates").
enum DateFunctions {
    static let table: [String: NativeFunction] = [
        "gmtime/0": { (input, _, _) throws(Fault) in
            guard case .number(let number) = input.json else { throw .message("gmtime() requires a number") }
            let (time, fraction) = try civil(number)
            return Value(.array(try broken(time, fraction)), depth: 1)
        },
        "mktime/0": { (input, _, _) throws(Fault) in
            let time = try time(of: input.json, "mktime")
            return .int(time.seconds)
        },
        "timegm/0": { (input, _, _) throws(Fault) in .int(try time(of: input.json, "timegm").seconds) },
        "strftime/1": { (input, arguments, machine) throws(Fault) in
            let time: CivilTime
            if case .number(let number) = input.json {
                time = try civil(number).time
            } else {
                time = try Self.time(of: input.json, "strftime/1")
            }
            guard case .string(let format) = arguments[0].json else {
                throw .message("strftime/1 requires a string format")
            }
            try machine.work(format.utf8.count)
            guard let text = DateFormat.written(time, format) else {
                throw .message("strftime/1: unknown conversion in format \"\(format.prefix(64))\"")
            }
            try machine.produce(32 + text.utf8.count)
            return .string(text)
        },
        "strptime/1": { (input, arguments, machine) throws(Fault) in
            guard case .string(let text) = input.json else {
                throw .message("strptime/1 requires string inputs and arguments")
            }
            guard case .string(let format) = arguments[0].json else {
                throw .message("strptime/1 requires string inputs and arguments")
            }
            try machine.work(text.utf8.count + format.utf8.count)
            guard let time = DateParser.time(in: text, format) else {
                throw .message("date \"\(text.prefix(64))\" does not match format \"\(format.prefix(64))\"")
            }
            return Value(.array(try broken(time, ExactNumber(0))), depth: 1)
        },
    ]

    /// The whole seconds as a date, and what is left of a second.
    private static func civil(_ number: ExactNumber) throws(Fault) -> (time: CivilTime, fraction: ExactNumber) {
        let whole = try Numbers.rounded(number, .down)
        guard let seconds = whole.intValue, let time = CivilTime(seconds: seconds) else {
            throw .message("\(Shown.typed(.number(number))) is no time that can be shown as a date")
        }
        return (time, try Numbers.subtract(number, whole))
    }

    private static func broken(_ time: CivilTime, _ fraction: ExactNumber) throws(Fault) -> [JSON] {
        let second = try Numbers.add(ExactNumber(time.second), fraction)
        return [
            .int(time.year), .int(time.month), .int(time.day), .int(time.hour), .int(time.minute), .number(second),
            .int(time.weekday), .int(time.dayOfYear),
        ]
    }

    /// The date of `[year, month from 0, day, hour, minute, second, …]`.
    private static func time(of json: JSON, _ name: String) throws(Fault) -> CivilTime {
        let parsed = name == "strftime/1"
        guard case .array(let parts) = json else {
            throw .message(parsed ? "\(name) requires parsed datetime inputs" : "\(name) requires array inputs")
        }
        var numbers: [Int] = []
        for part in parts.prefix(6) {
            guard case .number(let number) = part else { break }
            let whole = Numbers.floorInt(number)
            guard whole.magnitude < 1_000_000_000 else { break }
            numbers.append(whole)
        }
        guard numbers.count == 6 else {
            throw .message(parsed ? "\(name) requires parsed datetime inputs" : "\(name) requires array of 6 numbers")
        }
        var time = CivilTime()
        (time.year, time.month, time.day) = (numbers[0], numbers[1], numbers[2])
        (time.hour, time.minute, time.second) = (numbers[3], numbers[4], numbers[5])
        guard let normal = CivilTime(seconds: time.seconds) else {
            throw .message("\(Shown.typed(json)) is no date")
        }
        return normal
    }
}
