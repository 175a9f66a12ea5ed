import Contracts

/// Hides what may be a secret in a line of settings before the line is shown with a fault. Each hidden character
/// becomes one dot, so that columns stay.
enum LineMask {
    private static let dot: Unicode.Scalar = "•"

    // Compiled once: a report may show a thousand lines.
    // `Regex` is no Sendable type because one could carry a closure; these are literals without any, and matching
    // changes nothing in them.
    // A literal may hold commas and braces, so everything behind the key is hidden.
    nonisolated(unsafe) private static let named =
        #/(?i)(?:secret|passw|pwd|token|api[-_]?key|credential)[\w.\-]*["']?\s*:\s*(?!["']?\$\{)(?<value>\S.*)$/#
    nonisolated(unsafe) private static let credentials = #/:\/\/(?<user>[^\/\s@]*)@/#

    /// The line with dots for the value of a key that is called like a secret, unless it is a reference, for the user
    /// and password of a URL, and for everything from one of `columns` on.
    static func masked(_ line: String, from columns: [Int]) -> String {
        var scalars = Array(line.unicodeScalars)
        func hide(_ range: Range<Int>) { for index in range.clamped(to: 0..<scalars.count) { scalars[index] = dot } }
        if let first = columns.min() { hide((max(first, 1) - 1)..<scalars.count) }
        if let match = line.firstMatch(of: named) { hide(offsets(of: match.value, in: line)) }
        for match in line.matches(of: credentials) { hide(offsets(of: match.user, in: line)) }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static let words = ["secret", "passw", "pwd", "token", "apikey", "api_key", "api-key", "credential"]

    /// Whether a key is called like a secret.
    static func soundsLikeSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        return words.contains { key.contains($0) }
    }

    private static func offsets(of part: Substring, in line: String) -> Range<Int> {
        let start = line.unicodeScalars.distance(from: line.startIndex, to: part.startIndex)
        return start..<(start + part.unicodeScalars.count)
    }
}
