import Canonical
import Contracts
import NodeSecurity
import Testing
import World

/// RFC 9421 appendix B: the key `test-key-ed25519` (B.1.4) and the request `test-request` (B.2).
enum Published {
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
        -----END PRIVATE KEY-----
        """
    static let publicKey = "ed25519:JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
    static let input =
        #"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#
    static let signature =
        "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"

    static let request = HTTPRequest(
        method: "POST", target: "/foo?param=Value&Pet=dog",
        headers: [
            "Host": "example.com", "Date": "Tue, 20 Apr 2021 02:07:55 GMT", "Content-Type": "application/json",
            "Content-Length": "18",
        ], body: Array(#"{"hello": "world"}"#.utf8))
}

@Suite struct SignatureTests {
    private func parameters(_ input: String = Published.input) throws -> SignatureParameters {
        guard case .innerList(let list) = try StructuredFieldReader.dictionary(input)["sig-b26"] else {
            throw Failure(SecurityFailures.signature, "no list")
        }
        return try SignatureParameters(list)
    }

    @Test("the published signature of RFC 9421 B.2.6 holds, and signing again gives it to the byte")
    func published() throws {
        let parameters = try parameters()
        let base = try SignatureBase.bytes(parameters, of: Published.request)
        #expect(
            String(decoding: base, as: UTF8.self) == """
                "date": Tue, 20 Apr 2021 02:07:55 GMT
                "@method": POST
                "@path": /foo
                "@authority": example.com
                "content-type": application/json
                "content-length": 18
                "@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"
                """)
        let signature = try #require(try StructuredFieldReader.dictionary(Published.signature)["sig-b26"]?.bare?.bytes)
        let key = try #require(NodeKey(pem: Published.pem))
        #expect(key.publicKey.description == Published.publicKey)
        #expect(key.publicKey.verifies(signature, of: base))
        // Ed25519 is deterministic (RFC 8032); the library may still add randomness, so both are checked by verifying
        // too.
        #expect(key.publicKey.verifies(try key.sign(base), of: base))
        var changed = base
        changed[3] ^= 1
        #expect(!key.publicKey.verifies(signature, of: changed))
        #expect(!key.publicKey.verifies(Array(signature.dropLast()), of: base))
    }

    @Test("an absolute target and the one that arrives have the same base")
    func absoluteTarget() throws {
        var outgoing = Published.request
        outgoing.target = "https://Example.com" + outgoing.target
        outgoing.headers["Host"] = nil
        #expect(
            try SignatureBase.bytes(parameters(), of: outgoing)
                == SignatureBase.bytes(parameters(), of: Published.request))
    }

    static let purpose = MessageSignature(
        components: ["@method", "@path", "@query", "content-digest", "x-own"], tag: "test")
    static let now = Instant(microseconds: 1_750_000_000_123_456)

    private func signed() throws -> HTTPRequest {
        var request = HTTPRequest(
            method: "POST", target: "https://hub:1/a/b?c=d", headers: ["X-Own": "  some thing "], body: [1, 2, 3])
        try Self.purpose.sign(&request, key: key, created: Self.now, nonce: "n-1")
        return request
    }

    private var key: NodeKey { get throws { try NodeKey(seed: Array(1...32)) } }

    private func verify(_ request: HTTPRequest, now: Instant = now) throws -> SignatureParameters {
        let known = try key.publicKey
        return try Self.purpose.verify(request, now: now) { id throws(Failure) in
            guard id == known.keyID else { throw Failure(SecurityFailures.notEnrolled, "no key \(id)") }
            return known
        }
    }

    @Test("what is signed verifies as it arrives, and says when and by whom")
    func signsAndVerifies() throws {
        var request = try signed()
        request.target = "/a/b?c=d"
        let parameters = try verify(request)
        #expect(parameters.keyID == (try key.publicKey.keyID))
        #expect(parameters.nonce == "n-1")
        #expect(parameters.created == Instant(microseconds: 1_750_000_000_000_000))
    }

    typealias Change = @Sendable (inout HTTPRequest) -> Void
    static let changes: [(String, String, Change)] = [
        ("method", "SEC-003", { $0.method = "PUT" }),
        ("path", "SEC-003", { $0.target = "/a/c?c=d" }),
        ("query", "SEC-003", { $0.target = "/a/b?c=e" }),
        ("own field", "SEC-003", { $0.headers["X-Own"] = "some  thing" }),
        ("own field gone", "SEC-003", { $0.headers["X-Own"] = nil }),
        ("own field doubled", "SEC-003", { $0.headers = HTTPHeaders($0.headers.fields + [("x-own", "other")]) }),
        ("body", "SEC-007", { $0.body.append(4) }),
        (
            "digest of the changed body", "SEC-003",
            {
                $0.body.append(4)
                $0.headers["Content-Digest"] = ContentDigest.value(of: $0.body)
            }
        ),
        (
            "tag", "SEC-003",
            { $0.headers["Signature-Input"] = $0.headers["Signature-Input"]?.replacing("\"test\"", with: "\"tost\"") }
        ),
        (
            "nonce", "SEC-003",
            { $0.headers["Signature-Input"] = $0.headers["Signature-Input"]?.replacing("n-1", with: "n-2") }
        ),
        (
            "created", "SEC-003",
            {
                $0.headers["Signature-Input"] = $0.headers["Signature-Input"]?.replacing(
                    "1750000000", with: "1750000001")
            }
        ),
        (
            "fewer components", "SEC-003",
            {
                $0.headers["Signature-Input"] = $0.headers["Signature-Input"]?.replacing(" \"x-own\"", with: "")
            }
        ),
        ("another algorithm", "SEC-003", { $0.headers["Signature-Input"]? += ";alg=\"hmac-sha256\"" }),
        ("expired", "SEC-003", { $0.headers["Signature-Input"]? += ";expires=1749999999" }),
        (
            "a component with parameters", "SEC-003",
            {
                $0.headers["Signature-Input"] = $0.headers["Signature-Input"]?.replacing(
                    "\"x-own\"", with: "\"x-own\";sf")
            }
        ),
        (
            "another key", "SEC-006",
            {
                $0.headers["Signature-Input"] = $0.headers["Signature-Input"]?.replacing("keyid=\"", with: "keyid=\"0")
            }
        ),
        (
            "two signatures", "SEC-003",
            {
                let input = $0.headers["Signature-Input"] ?? ""
                $0.headers["Signature-Input"] = input + ", " + input.replacing("sig1=", with: "sig2=")
            }
        ),
        ("label", "SEC-003", { $0.headers["Signature"] = $0.headers["Signature"]?.replacing("sig1", with: "sig9") }),
        ("garbage", "SEC-003", { $0.headers["Signature-Input"] = "((((" }),
        (
            "a very long field", "SEC-003",
            { $0.headers["Signature-Input"]? += ";x=\"\(String(repeating: "y", count: 5_000))\"" }
        ),
    ]

    @Test("any change is found", arguments: changes.indices)
    func finds(_ index: Int) throws {
        let (name, code, change) = Self.changes[index]
        var request = try signed()
        change(&request)
        let failure = #expect(throws: Failure.self, "\(name)") { try verify(request) }
        #expect(failure?.kind.code == code, "\(name)")
    }

    @Test(
        "a digest is found among others and must be whole",
        arguments: [
            ("sha-256=:A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc+4E=:", true),
            ("sha-512=:AAAA:, sha-256=:A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc+4E=:", true),
            ("sha-256=:A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc+4E=:;x", true), ("sha-512=:AAAA:", false),
            ("sha-256=:A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc:", false), ("sha-256=\"A5BY\"", false), ("", false),
            ("sha-256", false),
        ])
    func digests(_ text: String, _ holds: Bool) {
        let headers: HTTPHeaders = ["content-digest": text]
        let result = Result { () throws(Failure) in try ContentDigest.check(headers, body: [1, 2, 3]) }
        switch result {
        case .success: #expect(holds)
        case .failure(let failure):
            #expect(!holds)
            #expect(failure.kind == SecurityFailures.digest)
        }
    }

    @Test("a signature that holds but covers too little is refused", arguments: purpose.components)
    func coversTooLittle(_ component: String) throws {
        let less = MessageSignature(components: Self.purpose.components.filter { $0 != component }, tag: "test")
        var request = try signed()
        try less.sign(&request, key: key, created: Self.now, nonce: "n-1")
        let failure = #expect(throws: Failure.self) { try verify(request) }
        #expect(failure?.message.contains("does not cover \(component)") == true)
    }
}
