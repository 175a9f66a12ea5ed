/// Text that is HTML already. Everything else becomes HTML only through ``init(text:)`` or interpolation, which escape.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    let source: String

    /// Markup as it stands: only for literals and for what was escaped before.
    init(markup: String) { source = markup }

    /// Any text, escaped for elements and quoted attributes alike.
    init(text: String) { source = Self.escape(text, limit: Self.maximumScalars, lines: false) }

    /// The same in full and with its line breaks, for what is to be edited or read as it is.
    init(whole text: String) { source = Self.escape(text, limit: .max, lines: true) }

    init(stringLiteral value: String) { source = value }
    init(stringInterpolation: StringInterpolation) { source = stringInterpolation.output }

    /// Interpolated text is escaped; interpolated ``HTML`` is not.
    struct StringInterpolation: StringInterpolationProtocol {
        var output = ""
        init(literalCapacity: Int, interpolationCount: Int) { output.reserveCapacity(literalCapacity * 2) }
        mutating func appendLiteral(_ literal: String) { output += literal }
        mutating func appendInterpolation(_ html: HTML) { output += html.source }
        mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { output += part.source } }
        mutating func appendInterpolation(_ text: String) { output += HTML(text: text).source }
        mutating func appendInterpolation(_ number: Int) { output += String(number) }
    }

    /// The longest text that is shown; what is cut off ends in an ellipsis.
    private static let maximumScalars = 600

    private static func escape(_ text: String, limit: Int, lines: Bool) -> String {
        var output = ""
        var count = 0
        for scalar in text.unicodeScalars {
            count += 1
            if count > limit {
                output += "…"
                break
            }
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case "\n" where lines, "\t" where lines: output.unicodeScalars.append(scalar)
            // Controls would vanish, and marks of writing direction could make one name look like another.
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
