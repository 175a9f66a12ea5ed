import World

/// What browsers and programs send to the console: forms, queries, cookies, tokens. What is read writes and reads the
/// same; what stands around a cookie or a token does not matter.
enum FormsInput {
    static func check(_ choice: UInt8, _ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        switch choice & 3 {
        case 0: try form(text)
        case 1: try query(text)
        case 2: try cookie(text)
        default: try token(bytes)
        }
    }

    private static func form(_ text: String) throws {
        let pairs = FormText.decode(text)
        let written = FormText.encode(pairs)
        try require(written.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "what cannot stand in an address: \(written)")
        let again = FormText.decode(written)
        try require(again.count == pairs.count, "\(again.count) fields out of \(pairs.count)")
        for (a, b) in zip(pairs, again) {
            try require(a.name == b.name && a.value == b.value, "\(a.name) = \(a.value) reads otherwise")
        }
        try require(pairs.count <= text.utf8.count, "more fields than bytes")
    }

    private static func query(_ rest: String) throws {
        let text = "text=" + rest
        let request = HTTPRequest(method: "GET", target: "/exceptions?" + text)
        try require(request.path == "/exceptions", "the query changes the path: \(request.path)")
        let pairs = FormText.decode(text)
        for (name, value) in request.query {
            try require(pairs.last { $0.name == name }?.value == value, "\(name) is not its last value")
        }
        try require(PercentCoding.decode(PercentCoding.encode(rest)) == rest, "a segment reads otherwise")
    }

    private static func cookie(_ text: String) throws {
        let name = "millwright_session"
        let value = CookieText.value(of: name, in: ["Cookie": text])
        let behind = CookieText.value(of: name, in: ["Cookie": "other=1; " + text])
        try require(behind == value, "another cookie before it changes it")
        let second = CookieText.value(of: name, in: HTTPHeaders([("Cookie", "a=b"), ("cookie", text)]))
        try require(second == value, "another field before it changes it")
        guard let value else { return }
        let sent = Array(text.utf8).firstRange(of: Array(value.utf8)) != nil
        try require(!value.isEmpty && !value.utf8.contains(0x3B) && sent, "a value that nobody sent: \(value)")
        try require(
            CookieText.value(of: name, in: ["Cookie": "\(name)=\(value)"]) == value, "\(value) reads otherwise")
    }

    /// Printable ASCII, as a header field takes it.
    private static func token(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes.filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
        guard let token = BearerToken(text) else {
            try require(text.utf8.count < BearerToken.minimumLength, "a token of \(text.utf8.count) bytes is too short")
            return
        }
        func isBorne(_ field: String) -> Bool {
            token.isBorne(by: HTTPRequest(method: "GET", target: "/", headers: ["Authorization": field]))
        }
        try require(token.matches(text) && isBorne("Bearer " + text) && isBorne("bEARER " + text), "its own is wrong")
        for wrong in [text + "x", "x" + text, String(text.dropLast()), text + text, ""] where token.matches(wrong) {
            throw PropertyViolation(description: "\(wrong) is taken for \(text)")
        }
        var flipped = Array(text.utf8)
        flipped[flipped.count / 2] ^= 1
        try require(!token.matches(String(decoding: flipped, as: UTF8.self)), "a wrong bit is not seen")
        try require(!isBorne(text) && !isBorne("Basic " + text), "it is taken without its scheme")
    }
}
