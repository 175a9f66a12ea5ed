import Contracts
import NodeSecurity
import World

/// The key that a request and its repetitions have in common (draft-ietf-httpapi-idempotency-key-header).
enum IdempotencyKey {
    /// Bytes of the longest key: what is longer is told by its digest.
    static let maximumBytes = 200

    /// What a person sends again is meant to be carried out once more: a key of its own, or the receiver would answer
    /// with what it said to the first one.
    static func text(of command: Command) -> String {
        let isAnew = command.isDecided || command.isRepeated
        let key = isAnew ? "\(command.idempotencyKey):again:\(command.id)" : command.idempotencyKey
        let isPlain = key.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        let text = isPlain ? key : PercentCoding.encode(key)
        return text.utf8.count <= maximumBytes ? text : "sha256:" + Digest.hex(Array(key.utf8))
    }
}
