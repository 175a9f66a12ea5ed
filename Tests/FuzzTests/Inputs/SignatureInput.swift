import Canonical
import Contracts
import World

@testable import NodeSecurity

/// `Signature-Input`, `Signature`, `Content-Digest` a line each, then the body. What is read writes and reads the same,
/// and nobody forges a signature.
enum SignatureInput {
    private static let purpose = MessageSignature(components: ["@method", "@path", "content-digest"], tag: "fuzz")
    private static let key: NodePublicKey? = try? NodeKey(seed: [UInt8](repeating: 7, count: 32)).publicKey
    private static let epoch = Instant(microseconds: 0)

    static func check(_ input: [UInt8]) throws {
        let parts = input.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
        let lines = parts.map { String(decoding: $0, as: UTF8.self) }
        for line in lines { try fields(line) }
        guard parts.count == 4, let key else { return }
        let request = HTTPRequest(
            method: "POST", target: "/v1/x",
            headers: ["Signature-Input": lines[0], "Signature": lines[1], "Content-Digest": lines[2]],
            body: Array(parts[3]))
        let verified = try? purpose.verify(request, now: epoch) { _ in key }
        try require(verified == nil, "a signature that nobody made was taken")
        _ = NodePublicKey(lines[0])
        _ = NodeKey.init(pem: lines.joined(separator: "\n"))
    }

    private static func fields(_ line: String) throws {
        guard let dictionary = try? StructuredFieldReader.dictionary(line) else { return }
        let written = dictionary.text
        try require((try? StructuredFieldReader.dictionary(written)) == dictionary, "\(written) reads otherwise")
        for member in dictionary.members {
            guard case .innerList(let list) = member.value else { continue }
            guard let parameters = try? SignatureParameters(list) else { continue }
            _ = (parameters.created.description, parameters.expires?.description)
            _ = parameters.created.since(epoch)
        }
    }
}
