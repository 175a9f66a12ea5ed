package import Contracts
package import World

/// Reads secrets from where the settings say that they are.
package struct SecretReader: Sendable {
    /// Bytes of the largest secret.
    package static let maximumBytes = 64 << 10

    private let disk: any Disk
    private let environment: [String: String]

    package init(disk: any Disk, environment: [String: String]) {
        self.disk = disk
        self.environment = environment
    }

    /// The secret, without one line break at its end. Throws ``SecurityFailures/secret``, which names the place and
    /// never the value.
    package func read(_ reference: SecretReference) throws(Failure) -> Secret {
        func failure(_ reason: String) -> Failure {
            Failure(SecurityFailures.secret, "the secret \(reference) \(reason)")
        }
        var bytes: [UInt8]
        switch reference {
        case .environment(let name):
            guard let value = environment[name] else { throw failure("is not set in the environment") }
            bytes = Array(value.utf8)
        case .file(let path):
            do {
                // One byte more than allowed, to tell a secret that is too long from one that just fits.
                bytes = try disk.read(path, from: 0, upTo: Self.maximumBytes + 1)
            } catch {
                throw failure("cannot be read: \(error.detail)")
            }
        }
        guard bytes.count <= Self.maximumBytes else { throw failure("is longer than \(Self.maximumBytes) bytes") }
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw failure("is empty") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("is not UTF-8 text") }
        return Secret(text)
    }
}
