import Contracts

/// File name patterns: `*` and `?` within a name, `**` across folders, `[a-z]`, `{csv,txt}`.
package enum GlobText {
    /// Throws where brackets or braces do not close, or the pattern leads out of its folder.
    package static func check(_ text: String) throws(ScalarRefusal) {
        let quoted = text.quotedBriefly
        func refusal(_ reason: String, _ suggestion: String? = nil) -> ScalarRefusal {
            ScalarRefusal(SettingsFailures.glob, reason, suggestion: suggestion)
        }
        guard !text.isEmpty else { throw refusal("is empty") }
        guard !text.hasPrefix("/") else {
            throw refusal(
                "is \(quoted), which begins at the root", "write it below the folder: \(text.drop { $0 == "/" })")
        }
        guard !text.contains("\\") else {
            throw refusal("is \(quoted), which has a backslash", "write / between folders")
        }
        guard !text.split(separator: "/").contains("..") else {
            throw refusal("is \(quoted), which leads out of the folder by ..", "name the folder itself instead")
        }
        for (open, close) in [("[", "]"), ("{", "}")] as [(Character, Character)] {
            var isOpen = false
            for character in text {
                if character == open, !isOpen {
                    isOpen = true
                } else if character == close {
                    guard isOpen || close == "]" else { throw refusal("is \(quoted), and a \(close) closes nothing") }
                    isOpen = false
                } else if character == open, open == "{" {
                    throw refusal("is \(quoted), and braces stand within braces")
                }
            }
            guard !isOpen else {
                throw refusal("is \(quoted), and a \(open) is never closed", "close it with \(close)")
            }
        }
    }
}
