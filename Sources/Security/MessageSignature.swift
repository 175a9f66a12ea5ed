package import Canonical
package import Contracts
package import World

/// HTTP message signatures (RFC 9421) with Ed25519: one purpose, which both ends agree on.
package struct MessageSignature: Sendable, Hashable {
    /// What every signature of this purpose covers, at least.
    package let components: [String]
    /// Tells this purpose from others: a signature made for one is never good for another.
    package let tag: String

    package init(components: [String], tag: String) {
        self.components = components
        self.tag = tag
    }

    private static let label = "sig1"

    /// Signs a request: sets `Content-Digest` where it is covered, then `Signature-Input` and `Signature`.
    /// `created` is the signer's clock, `nonce` any text of printable ASCII.
    package func sign(
        _ request: inout HTTPRequest, key: NodeKey, created: Instant, nonce: String
    ) throws(Failure) {
        if components.contains("content-digest") {
            request.headers[ContentDigest.field] = ContentDigest.value(of: request.body)
        }
        let parameters = SignatureParameters(
            components: components, created: created, keyID: key.publicKey.keyID, nonce: nonce, tag: tag)
        let signature = try key.sign(SignatureBase.bytes(parameters, of: request))
        request.headers["Signature-Input"] = "\(Self.label)=\(parameters.text)"
        request.headers["Signature"] =
            StructuredDictionary([(Self.label, .item(StructuredItem(.bytes(signature))))]).text
    }

    /// Checks the request's signature of this purpose, and then, where it is covered, that the body is the one that
    /// was signed.
    ///
    /// `key` answers with the key of that id, or throws why there is none. Reads nothing of the body before the
    /// signature holds. Throws ``Failure`` of `key`, ``SecurityFailures/signature`` or ``SecurityFailures/digest``.
    package func verify(
        _ request: HTTPRequest, now: Instant, key: (_ id: String) throws(Failure) -> NodePublicKey
    ) throws(Failure) -> SignatureParameters {
        let (parameters, signature) = try read(request.headers)
        for component in components where !parameters.components.contains(component) {
            throw refusal("the signature does not cover \(component)")
        }
        if let expires = parameters.expires, expires < now {
            throw refusal("the signature expired at \(expires)")
        }
        let key = try key(parameters.keyID)
        guard key.verifies(signature, of: try SignatureBase.bytes(parameters, of: request)) else {
            throw refusal("the signature of key \(parameters.keyID) does not fit the request")
        }
        if components.contains("content-digest") { try ContentDigest.check(request.headers, body: request.body) }
        return parameters
    }

    /// The one signature of this purpose.
    private func read(_ headers: HTTPHeaders) throws(Failure) -> (SignatureParameters, [UInt8]) {
        guard let inputText = headers["Signature-Input"], let signatureText = headers["Signature"] else {
            throw refusal("the request is not signed")
        }
        let inputs: StructuredDictionary
        let signatures: StructuredDictionary
        do {
            inputs = try StructuredFieldReader.dictionary(inputText)
            signatures = try StructuredFieldReader.dictionary(signatureText)
        } catch {
            throw refusal("the signature's fields cannot be read: \(error)")
        }
        let candidates = inputs.members.compactMap { label, member -> (String, StructuredList)? in
            guard case .innerList(let list) = member, list.parameter("tag")?.string == tag else { return nil }
            return (label, list)
        }
        guard let (label, list) = candidates.first, candidates.count == 1 else {
            throw refusal("the request has \(candidates.count) signatures with the tag \(tag), not one")
        }
        guard let signature = signatures[label]?.bare?.bytes else { throw refusal("the signature \(label) is missing") }
        return (try SignatureParameters(list), signature)
    }

    private func refusal(_ reason: String) -> Failure { Failure(SecurityFailures.signature, reason) }
}
