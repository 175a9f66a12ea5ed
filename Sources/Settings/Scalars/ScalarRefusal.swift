package import Contracts

/// Why a text is not what it should be: quoted, with what was expected and what to write instead.
package struct ScalarRefusal: Error, Sendable, Hashable {
    package let kind: FailureKind
    /// A clause that continues the setting's name: `is "30", which has no unit`.
    package let reason: String
    /// What to write instead; nil where only the setting's own example can say.
    package let suggestion: String?

    /// A refusal with what to write instead, where the text says it.
    package init(_ kind: FailureKind, _ reason: String, suggestion: String? = nil) {
        self.kind = kind
        self.reason = reason
        self.suggestion = suggestion
    }
}

extension String {
    /// The text in quotes as errors show it: one line, at most 60 characters, control characters escaped.
    var quotedBriefly: String {
        var shown = ""
        for scalar in unicodeScalars.prefix(60) {
            if scalar == "\n" {
                shown += "\\n"
            } else if scalar.value < 0x20 || scalar.value == 0x7F {
                shown += "\\u\(String(scalar.value, radix: 16))"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return "\"\(shown)\(unicodeScalars.count > 60 ? "…" : "")\""
    }
}
