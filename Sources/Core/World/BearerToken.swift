/// A secret that requests must bear (RFC 6750, section 2.1).
package struct BearerToken: Sendable, Equatable {
    /// The fewest characters that a token must have.
    package static let minimumLength = 16

    private let bytes: [UInt8]

    /// Nil where it is too short to be a secret.
    package init?(_ text: String) {
        guard text.utf8.count >= Self.minimumLength else { return nil }
        bytes = Array(text.utf8)
    }

    /// Whether the request bears the token. Takes the same time wherever the first difference is.
    package func isBorne(by request: HTTPRequest) -> Bool {
        guard let field = request.headers["authorization"], field.prefix(7).lowercased() == "bearer " else {
            return false
        }
        return matches(String(field.dropFirst(7)))
    }

    /// Whether `text` is the token. Takes the same time wherever the first difference is.
    package func matches(_ text: String) -> Bool {
        let given = Array(text.utf8)
        var difference = given.count ^ bytes.count
        for index in 0..<bytes.count {
            difference |= Int(bytes[index] ^ (given.isEmpty ? 0 : given[index % given.count]))
        }
        return difference == 0
    }
}
