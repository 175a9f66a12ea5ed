/// Hides secrets in what others repeat of them. Pure.
package enum SecretMask {
    /// `text` with `•••` in the place of each secret. Scalar by scalar: a mark or a joiner behind a secret makes its
    /// last character another one for whoever compares characters, and leaves it readable.
    package static func hide(_ secrets: [String], in text: String) -> String {
        secrets.reduce(text) { text, secret in
            secret.isEmpty
                ? text : String(text.unicodeScalars.replacing(secret.unicodeScalars, with: "•••".unicodeScalars))
        }
    }
}
