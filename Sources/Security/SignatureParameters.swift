package import Canonical
package import Contracts

/// What a message signature covers and says of itself (RFC 9421 section 2.3).
package struct SignatureParameters: Sendable, Hashable {
    /// The covered components in their order: `@method`, `content-digest`.
    package var components: [String]
    /// When it was made, by the signer's clock; whole seconds.
    package var created: Instant
    /// After this it must not be accepted; nil where it says nothing.
    package var expires: Instant?
    /// Names the key.
    package var keyID: String
    /// Makes two signatures of the same message differ; nil where there is none.
    package var nonce: String?
    /// What the signature is for: one made for another purpose is not accepted.
    package var tag: String?
    /// The value of `@signature-params` as it was signed.
    package let text: String

    /// Seconds that are read: up to the end of the year 9999. The field's fifteen digits could say more than an
    /// ``Instant`` holds, and they are read before anybody knows who wrote them.
    private static let seconds: ClosedRange<Int64> = 0...253_402_300_799

    /// The parameters of a signature to be made.
    package init(components: [String], created: Instant, keyID: String, nonce: String, tag: String) {
        self.components = components
        // The field has whole seconds (RFC 9421 section 2.3): the rest is cut here, so that both ends speak of the
        // same instant.
        let seconds = created.microseconds / 1_000_000
        self.created = Instant(microseconds: seconds * 1_000_000)
        self.keyID = keyID
        self.nonce = nonce
        self.tag = tag
        text =
            StructuredList(
                components.map { StructuredItem(.string($0)) },
                parameters: [
                    StructuredParameter("created", .integer(seconds)), StructuredParameter("keyid", .string(keyID)),
                    StructuredParameter("nonce", .string(nonce)), StructuredParameter("tag", .string(tag)),
                ]
            ).text
    }

    /// Reads one member of `Signature-Input`. Throws ``SecurityFailures/signature`` where `created` or `keyid` is
    /// missing, where the algorithm is not Ed25519, and for components with parameters of their own, which this link
    /// never uses.
    package init(_ list: StructuredList) throws(Failure) {
        func refusal(_ reason: String) -> Failure { Failure(SecurityFailures.signature, reason) }
        var components: [String] = []
        for item in list.items {
            guard let name = item.value.string, item.parameters.isEmpty else {
                throw refusal("a signed component is written as only a plain name may be: \(item.text)")
            }
            guard !components.contains(name) else { throw refusal("the component \(name) is signed twice") }
            components.append(name)
        }
        guard let created = list.parameter("created")?.integer, Self.seconds.contains(created) else {
            throw refusal("the signature does not say when it was made (created, in seconds since 1970)")
        }
        let expires = list.parameter("expires")?.integer
        if let expires, !Self.seconds.contains(expires) {
            throw refusal("the signature's expires is no number of seconds since 1970")
        }
        guard let keyID = list.parameter("keyid")?.string else { throw refusal("the signature names no key (keyid)") }
        if let algorithm = list.parameter("alg"), algorithm.string != "ed25519" {
            throw refusal("the signature's algorithm is \(algorithm.string ?? "not a text"), and only ed25519 is taken")
        }
        self.components = components
        self.created = Instant(microseconds: created * 1_000_000)
        self.keyID = keyID
        self.expires = expires.map { Instant(microseconds: $0 * 1_000_000) }
        nonce = list.parameter("nonce")?.string
        tag = list.parameter("tag")?.string
        text = list.text
    }
}
