import Contracts

/// Names of nodes, sources, targets, flows, plants and assets.
package enum NameText {
    /// The most characters that a name may have.
    package static let longest = 64

    /// Letters, digits, `-`, `_` and `.`; a letter or digit first; at most 64 characters.
    package static func check(_ text: String) throws(ScalarRefusal) {
        func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
            default: false
            }
        }
        let quoted = text.quotedBriefly
        guard !text.isEmpty else { throw ScalarRefusal(SettingsFailures.name, "is empty") }
        guard text.unicodeScalars.count <= longest else {
            throw ScalarRefusal(
                SettingsFailures.name, "is \(quoted), which has \(text.count) characters; names have at most \(longest)"
            )
        }
        if let wrong = text.unicodeScalars.first(where: { !isAllowed($0) }) {
            let meant = String(String.UnicodeScalarView(text.unicodeScalars.map { isAllowed($0) ? $0 : "-" }))
            throw ScalarRefusal(
                SettingsFailures.name, "is \(quoted), and \"\(wrong)\" may not stand in a name",
                suggestion: "write \(meant)")
        }
        guard let first = text.first, first.isLetter || first.isNumber else {
            throw ScalarRefusal(SettingsFailures.name, "is \(quoted), and a name begins with a letter or digit")
        }
    }
}
