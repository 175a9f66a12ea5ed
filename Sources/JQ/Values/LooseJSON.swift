import ExactJSON

/// Reads JSON as jq's own reader does: with NaN and the infinities, which JSON does not have, numbers written more
/// freely (`01`, `.5`, `+1`), and jq's words for what is wrong.
///
/// It is for texts that the strict reader refuses, and works by tokens and a list of what is open, not by recursion.
struct LooseJSON {
    /// What is wrong, and where.
    struct Complaint: Error {
        let message: String
    }

    private enum Open {
        case array([JSON])
        case object(JSONObject)
        /// A member's name behind its colon; the object lies below.
        case member(String)
    }

    private let bytes: [UInt8]
    private let nesting: Int
    private var index = 0
    private var open: [Open] = []
    /// A finished value that is in no container yet.
    private var next: JSON?

    /// The one value of `text`.
    static func read(_ text: String, nesting: Int) throws(Complaint) -> JSON {
        var reader = LooseJSON(bytes: Array(text.utf8), nesting: nesting)
        return try reader.value()
    }

    /// The number that is written in `text`, blanks around it let pass; nil for anything else.
    static func number(_ text: String) -> ExactNumber? {
        number(of: Array(Text.trimmed(text, left: true, right: true).utf8)[...])
    }

    private init(bytes: [UInt8], nesting: Int) {
        self.bytes = bytes
        self.nesting = nesting
    }

    private mutating func value() throws(Complaint) -> JSON {
        var whole: JSON?
        while index < bytes.count {
            let start = index
            switch bytes[index] {
            case UInt8(ascii: "\""): try string()
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "]"),
                UInt8(ascii: "}"):
                index += 1
                try structure(bytes[start])
            default: try literal()
            }
            if open.isEmpty, let done = next {
                guard whole == nil else { throw Complaint(message: "Unexpected extra JSON values") }
                (whole, next) = (done, nil)
            }
        }
        guard open.isEmpty else { throw fault("Unfinished JSON term", atEnd: true) }
        guard let whole else { throw Complaint(message: "Expected JSON value") }
        return whole
    }

    /// A complaint about what was read last; at the text's end that is said, too.
    private func fault(_ reason: String, atEnd: Bool = false) -> Complaint {
        let read = bytes[..<index]
        let line = 1 + read.count { $0 == 0x0A }
        let column = read.count - (read.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
        return Complaint(message: "\(reason)\(atEnd ? " at EOF" : "") at line \(line), column \(column)")
    }

    // MARK: Brackets, colons and commas

    private mutating func structure(_ byte: UInt8) throws(Complaint) {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            guard open.count < nesting else { throw fault("Exceeds depth limit for parsing") }
            guard next == nil else { throw fault("Expected separator between values") }
            open.append(byte == UInt8(ascii: "[") ? .array([]) : .object([:]))
        case UInt8(ascii: ":"):
            guard let key = next else { throw fault("Expected string key before ':'") }
            guard case .object? = open.last else { throw fault("':' not as part of an object") }
            guard case .string(let name) = key else { throw fault("Object keys must be strings") }
            open.append(.member(name))
            next = nil
        case UInt8(ascii: ","):
            guard next != nil else { throw fault("Expected value before ','") }
            guard !open.isEmpty else { throw fault("',' not as part of an object or array") }
            guard try take() else { throw fault("Objects must consist of key:value pairs") }
        case UInt8(ascii: "]"):
            guard case .array(let elements)? = open.last else { throw fault("Unmatched ']'") }
            if next == nil, !elements.isEmpty { throw fault("Expected another array element") }
            if next != nil { _ = try take() }
            if case .array(let all)? = open.popLast() { next = .array(all) }
        default: try closeObject()
        }
    }

    private mutating func closeObject() throws(Complaint) {
        guard let last = open.last else { throw fault("Unmatched '}'") }
        if next != nil {
            guard case .member = last, try take() else { throw fault("Objects must consist of key:value pairs") }
        } else {
            guard case .object(let members) = last else { throw fault("Unmatched '}'") }
            guard members.isEmpty else { throw fault("Expected another key-value pair") }
        }
        if case .object(let all)? = open.popLast() { next = .object(all) }
    }

    /// Puts the finished value where it belongs; false where that is an object and the value has no name.
    private mutating func take() throws(Complaint) -> Bool {
        guard let value = next, let last = open.popLast() else { return false }
        switch last {
        case .array(var elements):
            elements.append(value)
            open.append(.array(elements))
        case .member(let name):
            guard case .object(var members)? = open.popLast() else { return false }
            members[name] = value
            open.append(.object(members))
        case .object:
            open.append(last)
            return false
        }
        next = nil
        return true
    }

    // MARK: Values

    private mutating func string() throws(Complaint) {
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count else {
            index = bytes.count
            throw fault("Unfinished string", atEnd: true)
        }
        index += 1
        if let text = try? JSONReader.read(Array(bytes[start..<index])) {
            guard next == nil else { throw fault("Expected separator between values") }
            return next = text
        }
        let hasControls = bytes[start..<index].contains { $0 < 0x20 }
        let controls = "Invalid string: control characters from U+0000 through U+001F must be escaped"
        throw fault(hasControls ? controls : "Invalid escape")
    }

    private mutating func literal() throws(Complaint) {
        let start = index
        while index < bytes.count, !Self.ends(bytes[index]) { index += 1 }
        let word = bytes[start..<index]
        let text = String(decoding: word, as: UTF8.self)
        let value: JSON? =
            switch text {
            case "true": .bool(true)
            case "false": .bool(false)
            case "null": .null
            default: Self.number(of: word).map { .number($0) }
            }
        if let value, next == nil { return next = value }
        // jq looks at a word when it meets what follows, and says that place.
        let isAtEnd = index == bytes.count
        if !isAtEnd { index += 1 }
        guard value == nil else { throw fault("Expected separator between values", atEnd: isAtEnd) }
        let isWord = text.hasPrefix("t") || text.hasPrefix("f") || text.hasPrefix("nu")
        throw fault(isWord ? "Invalid literal" : "Invalid numeric literal", atEnd: isAtEnd)
    }

    private static func ends(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "\""):
            true
        default: false
        }
    }

    /// A number of JSON, one with the zero before or the digits behind the point left out, `nan` or an infinity.
    private static func number(of word: ArraySlice<UInt8>) -> ExactNumber? {
        var text = String(decoding: word, as: UTF8.self)
        if let number = ExactNumber(text: text) { return number }
        let isNegative = text.hasPrefix("-")
        if isNegative || text.hasPrefix("+") { text.removeFirst() }
        let lower = text.lowercased()
        if lower.hasPrefix("nan"), lower.utf8.dropFirst(3).allSatisfy({ $0 &- 0x30 < 10 }) { return Numbers.nan }
        if lower == "infinity" || lower == "inf" {
            return isNegative ? Numbers.negativeInfinity : Numbers.infinity
        }
        guard let point = text.firstIndex(of: "."), text.utf8.count > 1 else { return nil }
        if point == text.startIndex { text = "0" + text }
        text = text.replacingPoint()
        if text.hasSuffix(".") { text.removeLast() }
        return ExactNumber(text: (isNegative ? "-" : "") + text)
    }
}
