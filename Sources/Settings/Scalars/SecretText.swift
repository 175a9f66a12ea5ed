package import Contracts

/// Where a secret is read from: `${file:/run/secrets/odoo}` or `${env:NAME}`.
package enum SecretText {
    /// Reads a reference. A literal is refused, and never quoted: it may be the secret.
    package static func parse(_ text: String) throws(ScalarRefusal) -> SecretReference {
        guard text.hasPrefix("${"), text.hasSuffix("}") else {
            throw ScalarRefusal(
                SettingsFailures.secretLiteral, "is written out here, where everybody can read it",
                suggestion: SettingsFailures.secretLiteral.remedy)
        }
        let inner = text.dropFirst(2).dropLast()
        guard let colon = inner.firstIndex(of: ":") else {
            throw ScalarRefusal(
                SettingsFailures.secretLiteral, "says neither file: nor env:",
                suggestion: "write ${file:/path} or ${env:NAME}")
        }
        let rest = String(inner[inner.index(after: colon)...])
        switch inner[..<colon] {
        case "file":
            guard !rest.isEmpty, !rest.contains("\0") else {
                throw ScalarRefusal(SettingsFailures.secretLiteral, "names no file", suggestion: "write ${file:/path}")
            }
            return .file(rest)
        case "env":
            guard isVariable(rest) else {
                throw ScalarRefusal(
                    SettingsFailures.secretLiteral, "names \(rest.quotedBriefly), which is no environment variable",
                    suggestion: "write ${env:NAME} with letters, digits and _")
            }
            return .environment(rest)
        default:
            throw ScalarRefusal(
                SettingsFailures.secretLiteral, "is to be read from what is neither file nor env",
                suggestion: "write ${file:/path} or ${env:NAME}")
        }
    }

    /// Whether `text` is written like a reference to a secret.
    static func looksLikeReference(_ text: String) -> Bool {
        text.contains("${file:") || text.contains("${env:")
    }

    private static func isVariable(_ text: String) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
