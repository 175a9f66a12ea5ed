package import Contracts
import Crypto
package import World

/// A node's Ed25519 key pair (RFC 8032): what it signs with.
package struct NodeKey: Sendable, CustomStringConvertible {
    private let key: Curve25519.Signing.PrivateKey

    /// A new key from the operating system's generator.
    package init() { key = Curve25519.Signing.PrivateKey() }

    /// A new key from `entropy`: for simulations, whose keys must repeat with their seed.
    package init(entropy: any Entropy) throws(Failure) { try self.init(seed: entropy.bytes(32)) }

    /// The key of a 32-byte seed (RFC 8032 section 5.1.5).
    package init(seed: [UInt8]) throws(Failure) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw Failure(SecurityFailures.keyFile, "an Ed25519 seed has 32 bytes, not \(seed.count)")
        }
        self.key = key
    }

    /// What others know the node by.
    package var publicKey: NodePublicKey { NodePublicKey(key.publicKey) }

    /// 64 bytes of signature over `message`.
    package func sign(_ message: [UInt8]) throws(Failure) -> [UInt8] {
        do {
            return Array(try key.signature(for: message))
        } catch {
            throw Failure(SecurityFailures.keyFile, "key \(publicKey.keyID) cannot sign", detail: "\(error)")
        }
    }

    /// Names the key without showing it.
    package var description: String { "node key \(publicKey.keyID)" }
}

/// The key's file: PKCS #8 in PEM (RFC 8410 section 7, RFC 7468), as `openssl genpkey -algorithm ed25519` writes it.
extension NodeKey {
    private static let beginning = "-----BEGIN PRIVATE KEY-----"
    private static let end = "-----END PRIVATE KEY-----"
    /// The DER of PrivateKeyInfo up to the 32 bytes of seed: version 0, algorithm 1.3.101.112, an octet string in an
    /// octet string.
    private static let header: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let maximumFileBytes = 4_096

    /// The key as PEM text. Whoever sees it can sign as this node.
    package var pem: Secret {
        Secret("\(Self.beginning)\n\(Base64.encode(Self.header + Array(key.rawRepresentation)))\n\(Self.end)\n")
    }

    /// Reads PEM text; nil for anything but one unencrypted Ed25519 key.
    package init?(pem: String) {
        let lines = pem.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
        guard lines.count >= 3, lines.first == Self.beginning[...], lines.last == Self.end[...],
            let der = Base64.decode(lines.dropFirst().dropLast().joined()), der.count == Self.header.count + 32,
            der.starts(with: Self.header), let key = try? NodeKey(seed: Array(der.dropFirst(Self.header.count)))
        else { return nil }
        self = key
    }

    /// Writes the key to a new file that only its owner can read (mode 0600). Refuses to overwrite a file: a key that
    /// is gone cannot be had again.
    package func save(_ path: String, disk: any Disk) throws(Failure) {
        do {
            guard try disk.status(path) == nil else {
                throw Failure(
                    SecurityFailures.keyFile, "\(path) exists, and a key is never overwritten",
                    suggestion: "Move the old key away first, or choose another file.")
            }
            try disk.replace(path, with: Array(pem.reveal.utf8), mode: 0o600)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(SecurityFailures.keyFile, "the key cannot be written: \(error)")
        }
    }

    /// Reads a key file. Throws ``SecurityFailures/keyFile`` where there is none or it holds something else, and
    /// ``SecurityFailures/loosePermissions`` where others than its owner may touch it.
    /// `permissions` answers with a file's permission bits; nil where it has none (a disk in memory).
    package static func load(
        _ path: String, disk: any Disk, permissions: (String) -> UInt32? = FilePermissions.bits
    ) throws(Failure) -> NodeKey {
        if let bits = permissions(path), bits & 0o077 != 0 {
            throw Failure(
                SecurityFailures.loosePermissions,
                "\(path) has mode 0\(String(bits & 0o777, radix: 8)), so that others than its owner may touch it",
                suggestion:
                    "Run `chmod 600 \(path)`; if others may have read it, make a new key with `millwright keygen`.")
        }
        let bytes: [UInt8]
        do {
            bytes = try disk.read(path, from: 0, upTo: maximumFileBytes)
        } catch {
            throw Failure(SecurityFailures.keyFile, "the key file cannot be read: \(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self), let key = NodeKey(pem: text) else {
            throw Failure(
                SecurityFailures.keyFile, "\(path) does not hold one unencrypted Ed25519 key in PEM (BEGIN PRIVATE KEY)"
            )
        }
        return key
    }
}
