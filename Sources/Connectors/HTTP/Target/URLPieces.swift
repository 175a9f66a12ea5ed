import ExactJSON
import World

/// Makes the address of a request: the settings' base, a command's path and its query. Pure.
///
/// What a command brings is text, never syntax: each piece is percent-encoded whole (RFC 3986 section 2.1), so that
/// nothing in it can end a segment, begin a query or lead out of the base.
enum URLPieces {
    /// Bytes of the longest address; RFC 9110 section 4.1 asks receivers for 8,000 at least.
    static let maximumBytes = 8_000
    /// Parameters of a query.
    static let maximumParameters = 256

    struct Refusal: Error, Hashable { let reason: String }

    /// The base without a slash at its end; nil where it has more than scheme, host and path.
    static func base(_ text: String) -> String? {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("?"), !text.contains("#"),
            !text.contains("\\"), !text.contains("@")
        else { return nil }
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }

    /// The whole address. `path`: text whose `/` separate segments, or a list of segments that may have any character.
    static func address(base: String, path: JSON?, query: JSON?) throws(Refusal) -> String {
        var address = base
        for segment in try segments(path) { address += "/" + PercentCoding.encode(segment) }
        let parameters: [(name: String, value: String)]
        do {
            parameters = try self.parameters(query)
        } catch { throw Refusal(reason: "query: \(error.reason)") }
        if !parameters.isEmpty { address += "?" + FormText.encode(parameters) }
        guard address.utf8.count <= maximumBytes else {
            throw Refusal(reason: "the address has \(address.utf8.count) bytes, and may have \(maximumBytes)")
        }
        return address
    }

    private static func segments(_ path: JSON?) throws(Refusal) -> [String] {
        var segments: [String] = []
        switch path {
        case nil, .null?: return []
        case .string(let text)?:
            segments = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            if segments.first == "" { segments.removeFirst() }
            // A slash at the end is one that the receiver may want.
            guard !segments.dropLast().contains("") else { throw Refusal(reason: "path has an empty segment: \(text)") }
        case .array(let elements)?:
            for element in elements {
                guard let text = scalar(element), !text.isEmpty else {
                    throw Refusal(reason: "a segment of path is \(element), and must be text or a number")
                }
                segments.append(text)
            }
        default: throw Refusal(reason: "path must be text or a list of segments")
        }
        // A client or a proxy would take these out, and the segment before with them (RFC 3986 section 5.2.4).
        guard !segments.contains("."), !segments.contains("..") else {
            throw Refusal(reason: "path has a segment . or ..")
        }
        return segments
    }

    /// The names and values of an object, in their order; null leaves one out, a list repeats its name.
    static func parameters(_ object: JSON?) throws(Refusal) -> [(name: String, value: String)] {
        guard let object, !object.isNull else { return [] }
        guard let members = object.object else { throw Refusal(reason: "must be an object of names and values") }
        var pairs: [(name: String, value: String)] = []
        for (name, value) in members where !value.isNull {
            for element in value.array ?? [value] {
                guard let text = scalar(element) else {
                    throw Refusal(reason: "\"\(name)\" is \(element), and must be text, a number, true or false")
                }
                pairs.append((name, text))
            }
        }
        guard pairs.count <= maximumParameters else {
            throw Refusal(reason: "has \(pairs.count) parameters, and may have \(maximumParameters)")
        }
        return pairs
    }

    private static func scalar(_ value: JSON) -> String? {
        switch value {
        case .string(let text): text
        case .number, .bool: value.description
        default: nil
        }
    }
}
