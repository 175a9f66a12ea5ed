import Canonical
import Contracts
import ExactJSON
import Foundation
import Testing
import World
import WorldLive

@testable import HTTPConnector

/// The target against receivers that others wrote: uvicorn, httpbin, Authlib, the libraries of Standard Webhooks and of
/// the idempotency key.
@Suite("peers of the HTTP target", .serialized, .timeLimit(.minutes(3)), .enabled(if: ReceiverPeer.isThere))
struct TargetPeerTests {
    private static func target(_ peer: ReceiverPeer, _ path: String, _ more: JSON = [:]) throws -> HTTPTarget {
        try Target.make(JSON.object(["endpoint": .string(peer.address(path))]).merging(more), network: LiveNetwork())
    }

    private static func withPeer(_ body: (ReceiverPeer) async throws -> Void) async throws {
        let peer = try ReceiverPeer()
        defer { peer.stop() }
        _ = try await peer.made()
        try await body(peer)
    }

    private static func echo(_ outcome: Outcome) throws -> String {
        guard case .accepted(let acceptance) = outcome else { throw outcome.unexpected }
        return acceptance.reference
    }

    @Test("httpbin hears the method, the pieces of the address, the headers and the body as they were meant")
    func wire() async throws {
        try await Self.withPeer { peer in
            for (pointer, expected) in [
                ("/method", "PATCH"), ("/args/unit", "p c+s"), ("/headers/X-Line", "7"),
                ("/headers/Idempotency-Key", "\"k\""),
                ("/json/order", "WH/MO/ü"), ("/headers/Content-Type", "application/json"),
            ] {
                let target = try Self.target(peer, "/bin/anything", ["reference": .string(pointer)])
                let arguments: JSON = [
                    "method": "patch", "path": ["orders", "ü b"], "query": ["unit": "p c+s"],
                    "headers": ["X-Line": 7], "body": ["order": "WH/MO/ü"],
                ]
                let heard = try Self.echo(await Target.carry(Target.command(arguments, key: "k"), target).outcome)
                #expect(heard == expected, "\(pointer)")
            }
            let target = try Self.target(peer, "/bin/anything", ["reference": "/form"])
            let form = Target.command(["form": ["a b": "ü&=", "n": 2]], key: "k")
            #expect(
                try JSONReader.read(try Self.echo(await Target.carry(form, target).outcome)) == [
                    "a b": "ü&=", "n": "2",
                ])
        }
    }

    /// A secret of httpbin's, and what a request with it becomes.
    private static let password = "hunter22"
    private static func credentials(_ peer: ReceiverPeer, _ path: String, _ auth: JSON) async throws -> String {
        let target = try Target.make(
            ["endpoint": .string(peer.address(path)), "auth": auth], network: LiveNetwork(),
            environment: ["MES": password])
        let outcome = await Target.carry(Target.command(["method": "GET"]), target).outcome
        #expect(!outcome.text.contains(password))
        return outcome.words
    }

    @Test("httpbin takes each kind of credentials, and refuses the wrong ones")
    func credentials() async throws {
        let basic: JSON = ["kind": "basic", "user": "mes", "secret": "MES"]
        let bearer: JSON = ["kind": "bearer", "secret": "MES"]
        let header: JSON = ["kind": "header", "header": "X-Key", "secret": "MES"]
        try await Self.withPeer { peer in
            let right = try await Self.credentials(peer, "/bin/basic-auth/mes/hunter22", basic)
            #expect(right == "accepted")
            let wrong = try await Self.credentials(peer, "/bin/basic-auth/mes/other", basic)
            #expect(wrong == "deferred HTTP-009 down")
            let token = try await Self.credentials(peer, "/bin/bearer", bearer)
            #expect(token == "accepted")
            let none = try await Self.credentials(peer, "/bin/bearer", header)
            #expect(none == "deferred HTTP-009 down")
        }
    }

    @Test("statuses over the wire: each leads where it must, and no redirect is followed")
    func statuses() async throws {
        try await Self.withPeer { peer in
            for (path, method, expected) in [
                ("/bin/status/204", "POST", "accepted"), ("/bin/status/422", "POST", "rejected HTTP-010"),
                ("/bin/status/429", "POST", "deferred HTTP-011 down"), ("/bin/status/503", "POST", "unknown HTTP-012"),
                ("/bin/status/503", "PUT", "deferred HTTP-013 down after 60"),
                ("/bin/status/401", "POST", "deferred HTTP-009 down"),
                ("/orders", "POST", "deferred HTTP-014 down"),
                ("/bin/delay/3", "POST", "unknown HTTP-012"), ("/bin/bytes/5000", "GET", "unknown HTTP-012"),
            ] {
                let target = try Self.target(peer, path, ["timeout": "1s", "maximumAnswer": "1024"])
                let outcome = await Target.carry(Target.command(["method": .string(method)]), target).outcome
                #expect(outcome.words == expected, "\(path): \(outcome.text)")
            }
            #expect(try await peer.made().isEmpty)
            let nobody = try Target.make(["endpoint": "http://127.0.0.1:1/"], network: LiveNetwork())
            for arguments in [[:], ["body": ["order": "MO-1"]]] as [JSON] {
                let outcome = await Target.carry(Target.command(arguments), nobody).outcome
                #expect(outcome.words == "deferred HTTP-008 down", "\(outcome.text)")
            }
        }
    }

    @Test("Authlib issues a token for client credentials, both ways, and a revoked one is replaced once")
    func oauth() async throws {
        try await Self.withPeer { peer in
            for send in ["header", "body"] {
                let target = try Self.target(
                    peer, "/auth/guarded",
                    [
                        "reference": "/id",
                        "auth": [
                            "kind": "oauth2", "tokens": .string(peer.address("/auth/token")), "client": "mw:lyon",
                            "secret": "MES", "scope": "orders.write", "send": .string(send),
                        ],
                    ])
                let first = try Self.echo(await Target.carry(Target.command([:]), target).outcome)
                #expect(try Self.echo(await Target.carry(Target.command([:]), target).outcome) == first, "one token")
                #expect(try await peer.post("/auth/forget").status == 200)
                let next = try Self.echo(await Target.carry(Target.command([:]), target).outcome)
                #expect(Int(next) == Int(first).map { $0 + 1 })
            }
            let wrong = try Self.target(
                peer, "/auth/guarded",
                [
                    "auth": [
                        "kind": "oauth2", "tokens": .string(peer.address("/auth/token")), "client": "other",
                        "secret": "MES",
                    ]
                ])
            let outcome = await Target.carry(Target.command([:]), wrong).outcome
            #expect(outcome.words == "deferred HTTP-015 down" && outcome.text.contains("invalid_client"))
        }
    }

    @Test("the library of Standard Webhooks verifies each signature, with the new secret and with the old one")
    func webhooks() async throws {
        try await Self.withPeer { peer in
            let target = try Self.target(
                peer, "/hook", ["signing": ["secrets": ["HOOK", "OLDHOOK"]], "reference": "/id", "repeats": "keyed"])
            for (secret, isRight) in [
                (Target.webhookSecret, true), (Target.environment["OLDHOOK"] ?? "", true),
                ("whsec_" + base64(String(repeating: "x", count: 32)), false),
            ] {
                for body in [["body": ["n": 1, "text": "ü"]], ["body": [:]]] as [JSON] {
                    let command = Target.command(body.merging(["query": ["secret": .string(secret)]]))
                    let outcome = await Target.carry(command, target).outcome
                    #expect(outcome.words == (isRight ? "accepted" : "deferred HTTP-009 down"), "\(outcome.text)")
                }
            }
        }
    }

    @Test("a receiver that knows the key again makes one order of a request whose answer was lost and its repetition")
    func keyed() async throws {
        try await Self.withPeer { peer in
            let target = try Self.target(
                peer, "/orders", ["repeats": "keyed", "timeout": "1s", "settle": "1s", "reference": "/id"])
            let command = Target.command(
                ["path": "/", "query": ["lose": 2], "body": ["order": "MO-1"]], key: "orders:a:1")
            let (outcome, intent) = await Target.carry(command, target)
            #expect(outcome.words == "unknown HTTP-012")
            guard case .notFound = await target.inquire(Target.attempt(command, intent)) else {
                throw Unexpected(description: "it is not repeated")
            }
            // Sent while the first is still under way it is told so, and refused; behind it, it gets the first's answer.
            #expect(await Target.carry(command, target).outcome.words == "rejected HTTP-010")
            try await LiveClock().sleep(for: .milliseconds(1_500))
            #expect(try Self.echo(await Target.carry(command, target).outcome) == "1")
            #expect(try await peer.made().count == 1)
            // A key of its own is an order of its own: the receiver tells them apart by nothing else.
            let other = Target.command(["path": "/", "body": ["order": "MO-1"]], key: "orders:a:2")
            #expect(try Self.echo(await Target.carry(other, target).outcome) == "2")
        }
    }

    @Test("over TLS only a receiver whose authority is trusted gets anything")
    func tls() async throws {
        let folder = NSTemporaryDirectory() + "millwright-tls-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try await run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=mes", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(folder)/key.pem", "-out",
            "\(folder)/cert.pem",
        ])
        try #require(made.status == 0, "\(made.output)")
        let peer = try ReceiverPeer(tls: (certificate: "\(folder)/cert.pem", key: "\(folder)/key.pem"))
        defer { peer.stop() }
        let command = Target.command(["body": ["order": "MO-1"]])
        let trusting = try Self.target(peer, "/unkeyed", ["certificates": .string("\(folder)/cert.pem")])
        var outcome = await Target.carry(command, trusting).outcome
        for _ in 0..<100 where outcome.words == "deferred HTTP-008 down" {
            // It says its port before it takes connections.
            try await LiveClock().sleep(for: .milliseconds(50))
            outcome = await Target.carry(command, trusting).outcome
        }
        #expect(outcome.words == "accepted", "\(outcome.text)")
        let distrusting = try Self.target(peer, "/unkeyed")
        #expect(await Target.carry(command, distrusting).outcome.words == "deferred HTTP-008 down")
    }
}
