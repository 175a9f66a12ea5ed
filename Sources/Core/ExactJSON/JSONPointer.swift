/// A place in a JSON document (RFC 6901).
public struct JSONPointer: Sendable, Hashable {
    private let tokens: [String]

    /// Nil where the text is none: it is empty or begins with `/`, and `~` stands before 0 or 1 alone.
    public init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let escapes = part.split(separator: "~", omittingEmptySubsequences: false).dropFirst()
            guard escapes.allSatisfy({ $0.first == "0" || $0.first == "1" }) else { return nil }
            tokens.append(String(part).replacing("~1", with: "/").replacing("~0", with: "~"))
        }
        self.tokens = tokens
    }

    /// The member `name` of an object.
    public init(member name: String) { tokens = [name] }

    /// What stands there; nil where nothing does.
    public func value(in document: JSON) -> JSON? {
        var value = document
        for token in tokens {
            let next: JSON?
            if value.array != nil {
                // Indices have no leading zeros (section 4).
                let isIndex = token == "0" || token.first != "0" && token.allSatisfy { $0.isASCII && $0.isNumber }
                next = isIndex ? Int(token).flatMap { value[$0] } : nil
            } else {
                next = value[token]
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
