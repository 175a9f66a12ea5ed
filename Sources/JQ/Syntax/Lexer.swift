import ExactJSON

/// Cuts a program into tokens (jq 1.7 manual, "Basic filters" to "Comments").
struct Lexer {
    let bytes: [UInt8]
    var index = 0
    var tokens: [PlacedToken] = []
    /// What each open bracket is waiting for; `\(` of a string waits for its own `)`.
    private var open: [Opening] = []

    private enum Opening {
        case bracket
        case code
    }

    /// All tokens of `source`, the last one being ``Token/end``.
    static func tokens(of source: String) throws(SyntaxFault) -> [PlacedToken] {
        var lexer = Lexer(bytes: Array(source.utf8))
        while true {
            lexer.skipBlank()
            guard lexer.index < lexer.bytes.count else { break }
            try lexer.next()
        }
        guard lexer.open.isEmpty || !lexer.open.contains(where: { if case .code = $0 { true } else { false } }) else {
            throw SyntaxFault(offset: lexer.bytes.count, reason: "the program ends inside a string's \\( … )")
        }
        lexer.tokens.append(PlacedToken(token: .end, offset: lexer.bytes.count))
        return lexer.tokens
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func add(_ token: Token, at offset: Int) {
        tokens.append(PlacedToken(token: token, offset: offset))
    }

    private mutating func skipBlank() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case UInt8(ascii: "#"): skipComment()
            default: return
            }
        }
    }

    /// A comment ends with its line, unless an odd number of backslashes stands before the line's end.
    private mutating func skipComment() {
        while index < bytes.count {
            var backslashes = 0
            while index < bytes.count, bytes[index] != 0x0A {
                if bytes[index] == UInt8(ascii: "\\") {
                    backslashes += 1
                } else if bytes[index] != 0x0D {
                    backslashes = 0
                }
                index += 1
            }
            guard backslashes % 2 == 1, index < bytes.count else { return }
            index += 1
        }
    }

    private func isNameStart(_ offset: Int) -> Bool {
        guard offset < bytes.count else { return false }
        let byte = bytes[offset]
        return byte == UInt8(ascii: "_") || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    private func isDigit(_ offset: Int) -> Bool {
        offset < bytes.count && bytes[offset] &- 0x30 <= 9
    }

    private mutating func next() throws(SyntaxFault) {
        let start = index
        switch bytes[index] {
        case UInt8(ascii: "\""):
            index += 1
            add(.stringStart, at: start)
            try stringBody()
        case UInt8(ascii: "."):
            if isDigit(index + 1) { return try number() }
            index += 1
            if isNameStart(index) {
                add(.field(plainName()), at: start)
            } else {
                index = start
                try symbol()
            }
        case 0x30...0x39: try number()
        case UInt8(ascii: "$") where isNameStart(index + 1):
            index += 1
            add(.variable(name()), at: start)
        case UInt8(ascii: "@") where isNameStart(index + 1):
            index += 1
            add(.format("@" + plainName()), at: start)
        case _ where isNameStart(index): add(.name(name()), at: start)
        default: try symbol()
        }
    }

    /// `[a-zA-Z_][a-zA-Z_0-9]*`
    private mutating func plainName() -> String {
        let start = index
        while isNameStart(index) || isDigit(index) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func name() -> String {
        var name = plainName()
        while index + 1 < bytes.count, bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: ":"),
            isNameStart(index + 2)
        {
            index += 2
            name += "::" + plainName()
        }
        return name
    }

    private mutating func number() throws(SyntaxFault) {
        let start = index
        while isDigit(index) { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            while isDigit(index) { index += 1 }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            var end = index + 1
            if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
            if isDigit(end) {
                while isDigit(end) { end += 1 }
                index = end
            }
        }
        var text = String(decoding: bytes[start..<index], as: UTF8.self)
        // jq lets the digits on either side of the point be left out; ExactNumber reads JSON's grammar.
        if text.hasPrefix(".") { text = "0" + text }
        if text.hasSuffix(".") { text.removeLast() }
        text = text.replacingPoint()
        guard let number = ExactNumber(text: text) else {
            let most = ExactNumber.maximumDigits
            throw SyntaxFault(offset: start, reason: "a number beyond \(most) digits or an exponent too large")
        }
        add(.number(number), at: start)
    }

    /// Longest first, so that `|=` is not read as `|` and `=`.
    private static let symbols = [
        "?//", "//=", "==", "!=", "<=", ">=", "|=", "+=", "-=", "*=", "/=", "%=", "//", "..", ".", "[", "]", "(", ")",
        "{", "}", "|", ",", ":", ";", "=", "<", ">", "+", "-", "*", "/", "%", "?", "$",
    ].map { (text: $0, bytes: Array($0.utf8)) }

    private mutating func symbol() throws(SyntaxFault) {
        let start = index
        for symbol in Self.symbols where bytes[start...].starts(with: symbol.bytes) {
            // `.. //=`-like runs: `?//=` is `?` and `//=`, not `?//` and `=`.
            if symbol.text == "?//", start + 3 < bytes.count, bytes[start + 3] == UInt8(ascii: "=") { continue }
            index += symbol.bytes.count
            return try add(symbol: symbol.text, at: start)
        }
        let character = String(decoding: bytes[start...].prefix(4), as: UTF8.self).first.map(String.init) ?? "?"
        throw SyntaxFault(offset: start, reason: "the character \"\(character)\" begins nothing in jq")
    }

    private mutating func add(symbol: String, at start: Int) throws(SyntaxFault) {
        switch symbol {
        case "(", "[", "{":
            open.append(.bracket)
            add(.symbol(symbol), at: start)
        case ")", "]", "}":
            if case .code? = open.popLast(), symbol == ")" {
                add(.codeEnd, at: start)
                try stringBody()
            } else {
                add(.symbol(symbol), at: start)
            }
        default: add(.symbol(symbol), at: start)
        }
    }

    /// Reads text up to the closing quote or the next `\(`, behind whose `)` it is called again.
    private mutating func stringBody() throws(SyntaxFault) {
        let start = index
        var text: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                if !text.isEmpty { add(.text(String(decoding: text, as: UTF8.self)), at: start) }
                add(.stringEnd, at: index)
                index += 1
                return
            }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                index += 1
                continue
            }
            if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "(") {
                if !text.isEmpty { add(.text(String(decoding: text, as: UTF8.self)), at: start) }
                add(.codeStart, at: index)
                index += 2
                guard open.count < Parser.maximumNesting else {
                    throw SyntaxFault(offset: index, reason: "nested deeper than \(Parser.maximumNesting / 2) brackets")
                }
                open.append(.code)
                return
            }
            try escape(into: &text)
        }
        throw SyntaxFault(offset: start, reason: "the program ends inside a string that begins here")
    }
}

extension String {
    /// `1.e5` is `1e5`: a point without digits behind it says nothing.
    func replacingPoint() -> String {
        guard let point = firstIndex(of: ".") else { return self }
        let next = index(after: point)
        guard next < endIndex, self[next] == "e" || self[next] == "E" else { return self }
        var copy = self
        copy.remove(at: point)
        return copy
    }
}
