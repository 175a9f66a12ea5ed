import ExactJSON

/// Dates (jq 1.7 manual, "Dates"): in UTC, where they are not called local.
enum DateFunctions {
    static let table: [String: NativeFunction] = [
        "gmtime/0": { (input, _, _) throws(Fault) in
            let (time, fraction) = try civil(input.json, "gmtime()", JQZone.utc)
            return Value(.array(try broken(time, fraction)), depth: 1)
        },
        "localtime/0": { (input, _, machine) throws(Fault) in
            let (time, fraction) = try civil(input.json, "localtime()", machine.zone)
            return Value(.array(try broken(time, fraction)), depth: 1)
        },
        "mktime/0": { (input, _, _) throws(Fault) in .int(try moment(input.json, "mktime")) },
        "timegm/0": { (input, _, _) throws(Fault) in .int(try moment(input.json, "timegm")) },
        "strftime/1": { (input, arguments, machine) throws(Fault) in
            try written(input.json, arguments[0].json, "strftime/1", JQZone.utc, machine)
        },
        "strflocaltime/1": { (input, arguments, machine) throws(Fault) in
            try written(input.json, arguments[0].json, "strflocaltime/1", machine.zone, machine)
        },
        "strptime/1": { (input, arguments, machine) throws(Fault) in
            guard case .string(let text) = input.json, case .string(let format) = arguments[0].json else {
                throw .message("strptime/1 requires string inputs and arguments")
            }
            try machine.work(text.utf8.count + format.utf8.count)
            guard let (time, rest) = DateParser.time(in: text, format) else {
                throw .message("date \"\(text.prefix(64))\" does not match format \"\(format.prefix(64))\"")
            }
            var parts = try broken(time, ExactNumber(0))
            if !rest.isEmpty { parts.append(.string(String(rest))) }
            return Value(.array(parts), depth: 1)
        },
    ]

    /// The whole seconds as a date of the zone, and what is left of a second.
    private static func civil(
        _ json: JSON, _ name: String, _ zone: JQZone
    ) throws(Fault) -> (time: CivilTime, fraction: ExactNumber) {
        guard case .number(let number) = json else { throw .message("\(name) requires numeric inputs") }
        let whole = try Numbers.rounded(number, .down)
        guard let seconds = whole.intValue, CivilTime(seconds: seconds) != nil,
            let time = CivilTime(seconds: seconds + zone.offset(seconds).seconds)
        else { throw .message("error converting number of seconds since epoch to datetime") }
        return (time, try Numbers.subtract(number, whole))
    }

    private static func broken(_ time: CivilTime, _ fraction: ExactNumber) throws(Fault) -> [JSON] {
        let second = try Numbers.add(ExactNumber(time.second), fraction)
        return [
            .int(time.year), .int(time.month), .int(time.day), .int(time.hour), .int(time.minute), .number(second),
            .int(time.weekday), .int(time.dayOfYear),
        ]
    }

    private static func moment(_ json: JSON, _ name: String) throws(Fault) -> Int {
        guard case .array = json else { throw .message("\(name) requires array inputs") }
        return try time(of: json, name).seconds
    }

    private static func written(
        _ json: JSON, _ format: JSON, _ name: String, _ zone: JQZone, _ machine: Machine
    ) throws(Fault) -> Value {
        let time: CivilTime
        var offset = JQZone.Offset(seconds: 0, abbreviation: "UTC")
        if case .number(let number) = json {
            time = try civil(json, name, zone).time
            offset = zone.offset(Numbers.floorInt(number))
        } else {
            time = try Self.time(of: json, name)
            offset = zone.offset(atLocal: time.seconds)
        }
        guard case .string(let format) = format else { throw .message("\(name) requires a string format") }
        try machine.work(format.utf8.count)
        guard let text = DateFormat.written(time, format, offset) else {
            throw .message("\(name): unknown conversion in format \"\(format.prefix(64))\"")
        }
        try machine.produce(32 + text.utf8.count)
        return .string(text)
    }

    /// The date of `[year, month from 0, day, hour, minute, second, …]`; what stands behind the second is not needed.
    private static func time(of json: JSON, _ name: String) throws(Fault) -> CivilTime {
        guard case .array(let parts) = json else { throw .message("\(name) requires parsed datetime inputs") }
        var numbers: [Int] = []
        for part in parts.prefix(6) {
            guard case .number(let number) = part else { break }
            let whole = Numbers.floorInt(number)
            guard whole.magnitude < 1_000_000_000 else { break }
            numbers.append(whole)
        }
        guard numbers.count == 6 else { throw .message("\(name) requires parsed datetime inputs") }
        var time = CivilTime()
        (time.year, time.month, time.day) = (numbers[0], numbers[1], numbers[2])
        (time.hour, time.minute, time.second) = (numbers[3], numbers[4], numbers[5])
        guard let normal = CivilTime(seconds: time.seconds) else {
            throw .message("\(name): \(Shown.typed(json)) is no date")
        }
        return normal
    }
}
