/// The text of one settings file, by lines, for carets and for positions within scalars.
package struct SourceText: Sendable {
    package let path: String
    package let text: String
    /// Without their line breaks. A line ends where the file's own reader ends it: at LF and CR LF in each, at CR in
    /// tables and YAML, at NEL, LS and PS in YAML alone.
    package let lines: [String]

    /// The lines of `text`; the ending of `path` says what ends a line.
    package init(path: String, text: String) {
        self.path = path
        self.text = text
        let isYAML = path.hasSuffix(".yaml")
        let endsAtReturn = isYAML || path.hasSuffix(".csv")
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isBeforeNewline = index + 1 < scalars.count && scalars[index + 1] == "\n"
            let ends =
                switch scalar {
                case "\n": true
                case "\r": endsAtReturn && !isBeforeNewline
                case "\u{85}", "\u{2028}", "\u{2029}": isYAML
                default: false
                }
            if ends {
                lines.append(String(line))
                line = String.UnicodeScalarView()
            } else if scalar != "\r" || !isBeforeNewline {
                line.append(scalar)
            }
        }
        lines.append(String(line))
        self.lines = lines
    }

    /// Line `number`, from 1; nil behind the end.
    package func line(_ number: Int) -> String? {
        lines.indices.contains(number - 1) ? lines[number - 1] : nil
    }
}
