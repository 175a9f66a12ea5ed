import Crypto

/// What others know a node by: an Ed25519 public key (RFC 8032).
package struct NodePublicKey: Sendable, Hashable, CustomStringConvertible {
    private static let prefix = "ed25519:"

    /// The key's 32 bytes.
    package let bytes: [UInt8]

    /// The key of 32 bytes; nil for another length.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32, (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil else {
            return nil
        }
        self.bytes = bytes
    }

    init(_ key: Curve25519.Signing.PublicKey) { bytes = Array(key.rawRepresentation) }

    /// Reads `ed25519:BASE64`, the form in which keys are told to people; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count < 100, text.hasPrefix(Self.prefix),
            let bytes = Base64.decode(text.dropFirst(Self.prefix.count))
        else { return nil }
        self.init(bytes: bytes)
    }

    package var description: String { Self.prefix + Base64.encode(bytes) }

    /// The first 16 hexadecimal digits of the key's SHA-256: names the key in signatures and lists.
    package var keyID: String { String(Digest.hex(bytes).prefix(16)) }

    /// Whether `signature` (64 bytes) is this key's over `message`.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == 64, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
            return false
        }
        return key.isValidSignature(signature, for: message)
    }
}
