import Foundation
import Testing
import World
import WorldLive

/// What a client offers when it begins TLS, as the peer sees it.
@Suite("TLS that is offered", .timeLimit(.minutes(2)))
struct TLSOfferTests {
    /// An authority that signs nothing: its certificate only has to be one.
    private static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBiTCCAS+gAwIBAgIUA7tw15rYDWN4t9Ac+NqX32PFwDwwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMTMzODMxWhgPMjEy
        NjEwMjgxMzM4MzFaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAErf2JduxT0hNGLklbgWuFj5fHpAlg5cR4h9YcOzMj
        YzwtdqYcvsoupwVTZ1fJdXUX/0Cn+Gjhky0dVCcYfa31vaNTMFEwHQYDVR0OBBYE
        FNq/g90HBoq5aQHCAEKLRFaD6BZXMB8GA1UdIwQYMBaAFNq/g90HBoq5aQHCAEKL
        RFaD6BZXMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgaFuMmCQt
        es/v38fJTH11lEK6D7Q43BRp12rRPJPDkEECIQDEGReM4M1Qa8sZNnFTTTYzI5o/
        ZpuI4luPw0/ih7uWzw==
        -----END CERTIFICATE-----

        """

    @Test("a client offers TLS 1.3 and 1.2 and nothing older, whatever it trusts", arguments: [true, false])
    func versions(ofTheSystem: Bool) async throws {
        let roots = NSTemporaryDirectory() + "millwright-roots-\(UUID().uuidString).pem"
        try Self.authority.write(toFile: roots, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: roots) }
        let hello = Waitable<[UInt8]>()
        let server = try PlainServer { connection in
            var bytes: [UInt8] = []
            while bytes.count < 5 || bytes.count < 5 + Int(bytes[3]) << 8 + Int(bytes[4]) {
                let more = connection.read()
                if more.isEmpty { break }
                bytes += more
            }
            hello.set(bytes)
            connection.end()
        }
        defer { server.stop() }
        let trust = ofTheSystem ? Trust.system : .rootsFile(roots)
        await #expect(throws: NetworkFailure.self) {
            _ = try await LiveNetwork().send(
                HTTPRequest(method: "GET", target: "https://127.0.0.1:\(server.port)/", trust: trust),
                timeout: .seconds(20), maximumBody: 10)
        }
        let offered = ClientHello.versions(try #require(await hello.value))
        #expect(offered.filter { !ClientHello.isReserved($0) } == [0x0304, 0x0303])
    }
}

/// The little of a ClientHello (RFC 8446 section 4.1.2) that tells which versions are offered.
private enum ClientHello {
    /// The `supported_versions` extension; without one, the one version of the message itself.
    static func versions(_ bytes: [UInt8]) -> [Int] {
        func number(_ offset: Int) -> Int {
            bytes.indices.contains(offset + 1) ? Int(bytes[offset]) << 8 + Int(bytes[offset + 1]) : 0
        }
        guard bytes.count > 44, bytes[0] == 22, bytes[5] == 1 else { return [] }
        // Record header 5, type and length 4, version 2, random 32; then session id, cipher suites, compression.
        var index = 43
        index += 1 + Int(bytes[index])
        index += 2 + number(index)
        guard index < bytes.count else { return [] }
        index += 1 + Int(bytes[index]) + 2
        while index + 4 <= bytes.count {
            let length = number(index + 2)
            if number(index) == 43 {
                return stride(from: index + 5, to: min(index + 4 + length, bytes.count), by: 2).map { number($0) }
            }
            index += 4 + length
        }
        return [number(9)]
    }

    /// Values without meaning that clients throw in (RFC 8701).
    static func isReserved(_ version: Int) -> Bool { version & 0x0F0F == 0x0A0A && version >> 8 == version & 0xFF }
}
