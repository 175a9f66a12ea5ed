/// A URI or a relative reference, by its parts (RFC 3986), as references between schemas need it.
struct SchemaURI: Hashable {
    var scheme: String?
    var authority: String?
    var path: String
    var query: String?
    var fragment: String?

    /// Takes any text apart (RFC 3986, appendix B).
    init(_ text: String) {
        var rest = Substring(text)
        if let hash = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let colon = rest.firstIndex(of: ":"), colon > rest.startIndex, !rest[..<colon].contains("/") {
            scheme = String(rest[..<colon])
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        path = String(rest)
    }

    var text: String {
        (scheme.map { $0 + ":" } ?? "") + (authority.map { "//" + $0 } ?? "") + path + (query.map { "?" + $0 } ?? "")
            + (fragment.map { "#" + $0 } ?? "")
    }

    var withoutFragment: SchemaURI {
        var copy = self
        copy.fragment = nil
        return copy
    }

    /// What this reference means where `base` is the base URI (RFC 3986, section 5.2).
    func resolved(against base: SchemaURI) -> SchemaURI {
        var result = self
        if scheme != nil {
            result.path = Self.withoutDots(path)
            return result
        }
        result.scheme = base.scheme
        if authority != nil {
            result.path = Self.withoutDots(path)
            return result
        }
        result.authority = base.authority
        if path.isEmpty {
            result.path = base.path
            if query == nil { result.query = base.query }
        } else if path.hasPrefix("/") {
            result.path = Self.withoutDots(path)
        } else {
            var folder = base.path.lastIndex(of: "/").map { String(base.path.prefix(through: $0)) } ?? ""
            if folder.isEmpty, base.authority != nil { folder = "/" }
            result.path = Self.withoutDots(folder + path)
        }
        return result
    }

    /// The path without `.` and `..` (RFC 3986, section 5.2.4); one that is not of slashes stays as it is.
    private static func withoutDots(_ path: String) -> String {
        guard path.contains("/"), path.contains(".") else { return path }
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                if kept.count > 1 || (kept.first.map { !$0.isEmpty } ?? false) { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return kept.joined(separator: "/")
    }

    /// The text with `%41` and its like turned into what they stand for; nil where that is no UTF-8.
    static func percentDecoded(_ text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// JSON Pointers (RFC 6901).
enum JSONPointer {
    /// A member's name as a part of a pointer.
    static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        return String(name.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined())
    }

    /// The names and indices of a pointer; nil for a text that is none.
    static func parts(_ pointer: String) -> [String]? {
        guard !pointer.isEmpty else { return [] }
        guard pointer.hasPrefix("/") else { return nil }
        var parts: [String] = []
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            var text = ""
            var isEscape = false
            for character in part {
                if isEscape {
                    guard character == "0" || character == "1" else { return nil }
                    text.append(character == "0" ? "~" : "/")
                    isEscape = false
                } else if character == "~" {
                    isEscape = true
                } else {
                    text.append(character)
                }
            }
            guard !isEscape else { return nil }
            parts.append(text)
        }
        return parts
    }

    /// The index that a part of a pointer names.
    static func index(_ part: String) -> Int? {
        guard part == "0" || !part.hasPrefix("0"), part.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return Int(part)
    }
}
