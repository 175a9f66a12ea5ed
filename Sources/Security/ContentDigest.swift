package import Contracts
package import World

/// The `Content-Digest` field (RFC 9530 section 2): SHA-256 over a message's content as it is sent, compressed if it
/// is.
package enum ContentDigest {
    package static let field = "Content-Digest"

    /// The field's value for `body`: `sha-256=:…:`.
    package static func value(of body: [UInt8]) -> String {
        StructuredDictionary([("sha-256", .item(StructuredItem(.bytes(Digest.sha256(body)))))]).text
    }

    /// Throws ``SecurityFailures/digest`` where the field is missing, has no SHA-256, or is another body's. Digests
    /// of other algorithms may stand beside it and are passed over.
    package static func check(_ headers: HTTPHeaders, body: [UInt8]) throws(Failure) {
        guard let text = headers[field] else { throw Failure(SecurityFailures.digest, "Content-Digest is missing") }
        let dictionary: StructuredDictionary
        do {
            dictionary = try StructuredFieldReader.dictionary(text)
        } catch {
            throw Failure(SecurityFailures.digest, "Content-Digest cannot be read: \(error)")
        }
        guard let stated = dictionary["sha-256"]?.bare?.bytes else {
            throw Failure(SecurityFailures.digest, "Content-Digest has no sha-256")
        }
        guard Digest.constantTimeEquals(stated, Digest.sha256(body)) else {
            throw Failure(
                SecurityFailures.digest,
                "the body (\(body.count) bytes) has another SHA-256 than its Content-Digest says: it was changed or cut"
            )
        }
    }
}
