import ExactJSON

/// The functions below `test`, `match`, `split`, `sub` and their like.
enum RegexFunctions {
    /// The expression of a pattern and flags. Without flags the pattern may be an array of both.
    static func regex(_ pattern: JSON, _ flags: JSON?, all: Bool = false) throws(Fault) -> Regex {
        var pattern = pattern
        var letters = flags ?? .null
        if flags == nil {
            switch pattern {
            case .string: break
            case .array(let both) where !both.isEmpty:
                pattern = both[0]
                if both.count > 1 { letters = both[1] }
            default: throw .message("\(pattern.typeName) not a string or array")
            }
        }
        guard case .string(let text) = pattern else { throw .message("\(Shown.typed(pattern)) is not a string") }
        var read = try Self.flags(letters)
        if all { read.isGlobal = true }
        do throws(RegexFault) {
            return try Regex(text, read)
        } catch {
            throw .message("Regex failure: \(error.reason)")
        }
    }

    private static func flags(_ json: JSON) throws(Fault) -> Regex.Flags {
        var flags = Regex.Flags()
        if json.isNull { return flags }
        guard case .string(let letters) = json else { throw .message("\(Shown.typed(json)) is not a string") }
        for letter in letters {
            switch letter {
            case "g": flags.isGlobal = true
            case "i": flags.ignoresCase = true
            case "x": flags.isExtended = true
            // jq's default is the "single line" mode already.
            case "s": break
            case "p", "m": flags.pointTakesNewline = true
            case "l": flags.findsLongest = true
            case "n": flags.ignoresEmpty = true
            default: throw .message("\(letters) is not a valid modifier string")
            }
        }
        return flags
    }

    /// The native function `name`, with the expression already read where it is constant.
    static func function(_ name: String, _ ready: Regex?) -> NativeFunction {
        let isSplit = name == "_split"
        let isTest = name == "_test"
        return { (input, arguments, machine) throws(Fault) in
            // As in jq, a pattern without flags is looked at first.
            if arguments.count == 1, ready == nil { _ = try machine.regex(arguments[0].json, nil) }
            guard case .string(let text) = input.json else {
                throw .message("\(Shown.typed(input.json)) cannot be matched, as it is not a string")
            }
            let regex: Regex
            if let ready {
                regex = ready
            } else {
                regex = try machine.regex(arguments[0].json, arguments.count > 1 ? arguments[1].json : nil)
            }
            let scalars = Text.scalars(text)
            try machine.work(scalars.count)
            if isTest { return .bool(try regex.firstMatch(in: scalars, from: 0, machine) != nil) }
            let matches = try Self.matches(of: regex, in: scalars, all: isSplit || regex.flags.isGlobal, machine)
            return isSplit ? try split(scalars, matches, machine) : try described(scalars, matches, regex, machine)
        }
    }

    /// The first match, or all that do not overlap.
    static func matches(
        of regex: Regex, in scalars: [UInt32], all: Bool, _ machine: Machine
    ) throws(Fault) -> [Regex.Match] {
        var found: [Regex.Match] = []
        var start = 0
        while start <= scalars.count, let match = try regex.firstMatch(in: scalars, from: start, machine) {
            try machine.produce(64 + 8 * match.count)
            found.append(match)
            guard all else { break }
            start = match[1] == match[0] ? match[1] + 1 : match[1]
        }
        return found
    }

    /// The groups with names of one match, as an object.
    static func named(
        _ scalars: [UInt32], _ match: Regex.Match, _ regex: Regex, _ machine: Machine
    ) throws(Fault) -> Value {
        var members: JSONObject = [:]
        for (group, name) in regex.groupNames.enumerated() {
            guard let name else { continue }
            let (start, end) = part(match, group)
            try machine.produce(64 + max(end - start, 0))
            members[name] = start >= 0 && end >= start ? .string(Text.string(scalars[start..<end])) : .null
        }
        return Value(.object(members), depth: 1)
    }

    private static func split(
        _ scalars: [UInt32], _ matches: [Regex.Match], _ machine: Machine
    ) throws(Fault) -> Value {
        var parts: [JSON] = []
        var start = 0
        for match in matches {
            parts.append(.string(Text.string(scalars[start..<max(match[0], start)])))
            start = match[1]
        }
        parts.append(.string(Text.string(scalars[min(start, scalars.count)...])))
        try machine.produce(48 * parts.count + scalars.count)
        return Value(.array(parts), depth: 1)
    }

    /// Each match as the object that `match` gives.
    private static func described(
        _ scalars: [UInt32], _ matches: [Regex.Match], _ regex: Regex, _ machine: Machine
    ) throws(Fault) -> Value {
        var objects: [JSON] = []
        for match in matches {
            try machine.produce(400 * (regex.groupCount + 1) + 4 * (match[1] - match[0]))
            var captures: [JSON] = []
            for group in 0..<regex.groupCount {
                let (start, end) = part(match, group)
                captures.append(part(scalars, start, end, ("name", name(regex.groupNames[group]))))
            }
            objects.append(part(scalars, match[0], match[1], ("captures", .array(captures))))
        }
        return Value(.array(objects), depth: 4)
    }

    /// Where a group (from 0) begins and ends. In a match of no length jq has every group there, empty.
    private static func part(_ match: Regex.Match, _ group: Int) -> (start: Int, end: Int) {
        if match[0] == match[1] { return (match[0], match[0]) }
        return (match[2 * group + 2], match[2 * group + 3])
    }

    private static func name(_ name: String?) -> JSON { name.map { .string($0) } ?? .null }

    private static func part(_ scalars: [UInt32], _ start: Int, _ end: Int, _ last: (String, JSON)) -> JSON {
        let isFound = start >= 0 && end >= start
        let members: [(String, JSON)] = [
            ("offset", .int(isFound ? start : -1)), ("length", .int(isFound ? end - start : 0)),
            ("string", isFound ? .string(Text.string(scalars[start..<end])) : .null), last,
        ]
        return .object(JSONObject(uniqueKeysWithValues: members))
    }

    /// `_named`: a match's groups with names, as an object.
    static let named: NativeFunction = { (input, _, machine) throws(Fault) in
        guard case .array(let captures)? = input.json["captures"] else { return Value(.object([:]), depth: 1) }
        var members: JSONObject = [:]
        for capture in captures {
            if case .string(let name)? = capture["name"] { members[name] = capture["string"] ?? .null }
        }
        try machine.produce(64 + 48 * members.count)
        return Value(.object(members), depth: 1)
    }

    /// A replacement's text; null adds nothing.
    static func text(_ replacement: JSON, behind gap: String) throws(Fault) -> String {
        switch replacement {
        case .string(let text): return text
        case .null: return ""
        default: throw .message("\(Shown.typed(.string(gap))) and \(Shown.typed(replacement)) cannot be added")
        }
    }

    /// `_joined(done; gap; new)`: each text so far with the gap and its replacement behind it.
    static let joined: NativeFunction = { (_, arguments, machine) throws(Fault) in
        guard case .array(var done) = arguments[0].json, case .string(let gap) = arguments[1].json,
            case .array(let new) = arguments[2].json
        else { throw .message("internal error: sub has no texts") }
        for (index, replacement) in new.enumerated() {
            let added = try text(replacement, behind: gap)
            var whole = gap + added
            if index < done.count, case .string(let before) = done[index] { whole = before + whole }
            try machine.produce(32 + whole.utf8.count)
            if index < done.count { done[index] = .string(whole) } else { done.append(.string(whole)) }
        }
        return Value(.array(done), depth: 1)
    }
}

extension Machine {
    /// The expression of a computed pattern, read once in a run.
    func regex(_ pattern: JSON, _ flags: JSON?) throws(Fault) -> Regex {
        let key = "\(flags?.description ?? "") \(pattern)"
        if let known = regexes[key] { return known }
        try work(16 * key.utf8.count)
        let regex = try RegexFunctions.regex(pattern, flags)
        if regexes.count < 64 { regexes[key] = regex }
        return regex
    }
}
