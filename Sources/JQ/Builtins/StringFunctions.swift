import ExactJSON

/// Functions on strings.
enum StringFunctions {
    static let table: [String: NativeFunction] = [
        "ascii_downcase/0": { (input, _, machine) throws(Fault) in
            let text = try text(input.json, "explode input must be a string")
            return try made(Text.shifted(text, from: UInt8(ascii: "A"), by: 32), machine)
        },
        "ascii_upcase/0": { (input, _, machine) throws(Fault) in
            let text = try text(input.json, "explode input must be a string")
            return try made(Text.shifted(text, from: UInt8(ascii: "a"), by: -32), machine)
        },
        "startswith/1": { (input, arguments, _) throws(Fault) in
            let (text, part) = try texts(input.json, arguments[0].json, "startswith() requires string inputs")
            return .bool(text.utf8.starts(with: part.utf8))
        },
        "endswith/1": { (input, arguments, _) throws(Fault) in
            let (text, part) = try texts(input.json, arguments[0].json, "endswith() requires string inputs")
            return .bool(text.utf8.reversed().starts(with: part.utf8.reversed()))
        },
        "ltrimstr/1": { (input, arguments, machine) throws(Fault) in
            try stripped(input, arguments[0].json, left: true, right: false, machine)
        },
        "rtrimstr/1": { (input, arguments, machine) throws(Fault) in
            try stripped(input, arguments[0].json, left: false, right: true, machine)
        },
        "trimstr/1": { (input, arguments, machine) throws(Fault) in
            try stripped(input, arguments[0].json, left: true, right: true, machine)
        },
        "trim/0": { (input, _, machine) throws(Fault) in try trimmed(input, left: true, right: true, machine) },
        "ltrim/0": { (input, _, machine) throws(Fault) in try trimmed(input, left: true, right: false, machine) },
        "rtrim/0": { (input, _, machine) throws(Fault) in try trimmed(input, left: false, right: true, machine) },
        "split/1": { (input, arguments, machine) throws(Fault) in
            let (text, separator) = try texts(
                input.json, arguments[0].json, "split input and separator must be strings")
            return try Text.split(text, separator, machine)
        },
        "explode/0": { (input, _, machine) throws(Fault) in
            let text = try text(input.json, "explode input must be a string")
            try machine.work(text.utf8.count)
            try machine.produce(32 + 32 * text.unicodeScalars.count)
            return Value(.array(text.unicodeScalars.map { .int(Int($0.value)) }), depth: 1)
        },
        "implode/0": implode,
        "format/1": { (input, arguments, machine) throws(Fault) in
            guard case .string(let name) = arguments[0].json else {
                throw .message("\(Shown.typed(arguments[0].json)) is not a valid format")
            }
            guard let format = Format(rawValue: name) else { throw .message("\(name) is not a valid format") }
            return try made(try format.apply(input.json, machine), machine)
        },
    ]

    private static func made(_ text: String, _ machine: Machine) throws(Fault) -> Value {
        try machine.work(text.utf8.count)
        try machine.produce(32 + text.utf8.count)
        return .string(text)
    }

    private static func text(_ json: JSON, _ complaint: String) throws(Fault) -> String {
        guard case .string(let text) = json else { throw .message(complaint) }
        return text
    }

    private static func texts(_ a: JSON, _ b: JSON, _ complaint: String) throws(Fault) -> (String, String) {
        guard case .string(let first) = a, case .string(let second) = b else { throw .message(complaint) }
        return (first, second)
    }

    /// Anything that is no string, and a string without the part, stays as it is.
    private static func stripped(
        _ input: Value, _ part: JSON, left: Bool, right: Bool, _ machine: Machine
    ) throws(Fault) -> Value {
        guard case .string(let text) = input.json, case .string(let part) = part, !part.isEmpty else { return input }
        var bytes = Substring(text).utf8
        if left, bytes.starts(with: part.utf8) { bytes = bytes.dropFirst(part.utf8.count) }
        if right, bytes.reversed().starts(with: part.utf8.reversed()) { bytes = bytes.dropLast(part.utf8.count) }
        if bytes.count == text.utf8.count { return input }
        return try made(String(Substring(bytes)), machine)
    }

    private static func trimmed(_ input: Value, left: Bool, right: Bool, _ machine: Machine) throws(Fault) -> Value {
        let text = try text(input.json, "\(Shown.typed(input.json)) cannot be trimmed")
        return try made(Text.trimmed(text, left: left, right: right), machine)
    }

    private static let implode: NativeFunction = { (input, _, machine) throws(Fault) in
        guard case .array(let codes) = input.json else { throw .message("implode input must be an array") }
        var view = String.UnicodeScalarView()
        for code in codes {
            guard case .number(let number) = code, !Numbers.isNaN(number) else {
                let text = "can't be imploded, unicode codepoint needs to be numeric"
                throw .message("\(Shown.typed(code)) \(text)")
            }
            // What is no code point becomes the replacement character, as in jq.
            let value = UInt32(exactly: Numbers.truncatedInt(number))
            view.append(value.flatMap { Unicode.Scalar($0) } ?? "\u{FFFD}")
        }
        return try made(String(view), machine)
    }
}
