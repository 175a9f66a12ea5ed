package import Canonical
import Crypto

/// Signs messages after Standard Webhooks (standardwebhooks.com, specification 1.0.0, "Signature scheme"): HMAC-SHA256
/// over the message's id, its time and its bytes.
package struct WebhookSignature: Sendable {
    /// What secrets begin with.
    package static let prefix = "whsec_"
    /// Bytes that a secret may have.
    package static let secretBytes = 24...64

    private let key: SymmetricKey

    /// From a secret as it is handed out: `whsec_` and Base64, or Base64 alone. Nil where it is none, or has too few or
    /// too many bytes.
    package init?(secret: Secret) {
        let text = secret.reveal
        let coded = text.hasPrefix(Self.prefix) ? String(text.dropFirst(Self.prefix.count)) : text
        guard let bytes = Base64.decode(coded), Self.secretBytes.contains(bytes.count) else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// `v1,K5oZfz…`: one signature, with its version.
    package func text(id: String, seconds: Int64, body: [UInt8]) -> String {
        let signed = Array("\(id).\(seconds).".utf8) + body
        return "v1," + Base64.encode(Array(HMAC<SHA256>.authenticationCode(for: signed, using: key)))
    }

    /// The three header fields of a message. Signed with each key, so that receivers may change theirs one after the
    /// other.
    package static func fields(
        _ keys: [WebhookSignature], id: String, at instant: Instant, body: [UInt8]
    ) -> [(name: String, value: String)] {
        let seconds = instant.microseconds / 1_000_000
        let signatures = keys.map { $0.text(id: id, seconds: seconds, body: body) }
        return [
            ("webhook-id", id), ("webhook-timestamp", String(seconds)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }
}
