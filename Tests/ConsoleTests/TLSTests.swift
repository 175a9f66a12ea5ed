import Console
import Contracts
import Foundation
import Testing
import World
import WorldLive

/// A certificate authority for one test, made by the `openssl` command in a folder of its own.
struct ThrowAwayAuthority {
    let folder: String

    init() async throws {
        folder = NSTemporaryDirectory() + "millwright-ca-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("ca.key"),
            "-out", path("ca.pem"), "-days", "1", "-subj", "/CN=test authority")
    }

    func path(_ name: String) -> String { folder + "/" + name }
    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// A server certificate for `names` (`DNS:localhost,IP:127.0.0.1`).
    func certificate(_ name: String, for names: String) async throws -> ListenerSettings.TLS {
        try await openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("\(name).key"),
            "-out", path("\(name).csr"), "-subj", "/CN=\(name)")
        try "subjectAltName=\(names)\n".write(toFile: path("\(name).ext"), atomically: true, encoding: .utf8)
        try await openssl(
            "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
            "-CAcreateserial", "-days", "1", "-extfile", path("\(name).ext"), "-out", path("\(name).pem"))
        return ListenerSettings.TLS(certificateChain: path("\(name).pem"), privateKey: path("\(name).key"))
    }

    private func openssl(_ arguments: String...) async throws {
        let (status, output) = try await run(["openssl"] + arguments)
        try #require(status == 0, "openssl \(arguments.first ?? "") failed: \(output)")
    }
}

@Suite("TLS, served and asked for", .enabled(if: has("openssl")), .timeLimit(.minutes(2)))
struct TLSTests {
    private let routes = [
        Route("POST", "/x", maximumBody: 100) { request, _ in HTTPResponse(status: 200, body: request.body) }
    ]

    private func send(_ port: Int, host: String = "localhost", trust: Trust) async throws(NetworkFailure)
        -> HTTPResponse
    {
        try await LiveNetwork().send(
            HTTPRequest(method: "POST", target: "https://\(host):\(port)/x", body: [1, 2], trust: trust),
            timeout: .seconds(20), maximumBody: 100)
    }

    @Test(
        "a client that trusts the authority is served, for a name and for an address",
        arguments: ["localhost", "127.0.0.1"])
    func trusted(host: String) async throws {
        let authority = try await ThrowAwayAuthority()
        defer { authority.remove() }
        let tls = try await authority.certificate("server", for: "DNS:localhost,IP:127.0.0.1")
        try await withListener(routes, tls: tls) { port in
            let response = try await send(port, host: host, trust: .rootsFile(authority.path("ca.pem")))
            #expect(response.body == [1, 2])
        }
    }

    @Test("who does not trust the authority, or expects another name, sends nothing")
    func untrusted() async throws {
        let authority = try await ThrowAwayAuthority()
        defer { authority.remove() }
        let tls = try await authority.certificate("server", for: "DNS:elsewhere.example")
        try await withListener(routes, tls: tls) { port in
            for trust in [
                Trust.system, .rootsFile(authority.path("ca.pem")), .rootsFile(authority.path("missing.pem")),
            ] {
                await #expect {
                    _ = try await send(port, trust: trust)
                } throws: { error in
                    (error as? NetworkFailure)?.reason == .untrusted
                        && (error as? NetworkFailure)?.mayHaveArrived == false
                }
            }
        }
    }

    @Test("TLS 1.2 and 1.3 are spoken and nothing older", .enabled(if: has("curl")))
    func versions() async throws {
        let authority = try await ThrowAwayAuthority()
        defer { authority.remove() }
        let tls = try await authority.certificate("server", for: "DNS:localhost,IP:127.0.0.1")
        try await withListener(routes, tls: tls) { port in
            for (version, expected) in [("1.1", ""), ("1.2", "ok"), ("1.3", "ok")] {
                let (status, output) = try await run(
                    "curl", "-s", "--cacert", authority.path("ca.pem"), "--tlsv\(version)", "--tls-max", version,
                    "--ciphers", "DEFAULT@SECLEVEL=0", "-d", "ok", "https://localhost:\(port)/x")
                #expect(output == expected, "TLS \(version), curl ended with \(status)")
            }
        }
    }

    @Test("a client that never begins the handshake is closed")
    func silent() async throws {
        let authority = try await ThrowAwayAuthority()
        defer { authority.remove() }
        let tls = try await authority.certificate("server", for: "DNS:localhost")
        var limits = ListenerLimits()
        limits.idle = .milliseconds(200)
        try await withListener(routes, tls: tls, limits: limits) { port in
            let client = try await RawClient(port)
            _ = try await client.rest()
        }
    }

    @Test("a certificate or key that cannot be used is found before listening")
    func badFiles() async throws {
        let authority = try await ThrowAwayAuthority()
        defer { authority.remove() }
        let tls = try await authority.certificate("server", for: "DNS:localhost")
        let other = try await authority.certificate("other", for: "DNS:localhost")
        try "no pem".write(toFile: authority.path("junk"), atomically: true, encoding: .utf8)
        for files in [
            ListenerSettings.TLS(certificateChain: authority.path("none"), privateKey: tls.privateKey),
            ListenerSettings.TLS(certificateChain: tls.certificateChain, privateKey: authority.path("none")),
            ListenerSettings.TLS(certificateChain: authority.path("junk"), privateKey: tls.privateKey),
            ListenerSettings.TLS(certificateChain: tls.certificateChain, privateKey: authority.path("junk")),
            ListenerSettings.TLS(certificateChain: tls.certificateChain, privateKey: other.privateKey),
        ] {
            #expect {
                try Listener(ListenerSettings(host: "0.0.0.0", port: 0, tls: files), routes: [], disk: LiveDisk())
            } throws: {
                ($0 as? Failure)?.kind.code == "LISTEN-003"
            }
        }
    }
}
