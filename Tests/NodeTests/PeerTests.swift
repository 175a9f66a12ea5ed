import Canonical
import Contracts
import ExactJSON
import Foundation
import NodeConnector
import NodeSecurity
import Testing
import World

/// A process made of other people's libraries, which signs and checks by RFC 9421.
final class PythonPeer {
    enum Way: String, Sendable, CaseIterable { case hand, library }

    static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Peers/node_edge.py").path

    /// What this machine has; empty where Python or its package cryptography is missing.
    static let ways: [Way] = {
        guard let output = try? PythonPeer(arguments: ["probe"]).line(), let json = try? JSONReader.read(output) else {
            return []
        }
        return json["library"]?.bool == true ? Way.allCases : [.hand]
    }()

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(arguments: [String] = []) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", Self.script] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        if process.isRunning { process.terminate() }
    }

    func line() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A { bytes.append(byte) }
        return bytes
    }

    func ask(_ command: JSON) throws -> JSON {
        try input.fileHandleForWriting.write(contentsOf: command.bytes + [0x0A])
        return try JSONReader.read(try line())
    }
}

@Suite(
    .enabled("python3 with the package cryptography is missing") { !PythonPeer.ways.isEmpty }, .serialized)
struct PeerTests {
    @Test(
        "a hub takes what another implementation signed, and refuses it when it is changed",
        arguments: Compression.allCases)
    func takesForeign(_ compression: Compression) async throws {
        let peer = try PythonPeer()
        for way in PythonPeer.ways {
            let link = try Link()
            let seed: [UInt8] = Array(repeating: 7, count: 32)
            let events = try Link.documents(1, 20).map { try JSONReader.read($0.bytes) }
            let signed = try peer.ask([
                "do": "sign", "by": .string(way.rawValue), "seed": .string(Base64.encode(seed)),
                "events": .array(events),
                "encoding": .string(compression.rawValue),
                "stream": #"epoch="epoch-1", lane=normal, first=1, count=20"#,
                "time": .string(link.edgeClock.now().description),
                "created": .int(Int(link.edgeClock.now().microseconds / 1_000_000)), "nonce": "from-python",
                "url": .string("https://hub.test\(NodeLink.batchPath(Link.edge))"),
            ])
            #expect(signed["public"]?.string.flatMap { Base64.decode($0) } == Link.key.publicKey.bytes)
            var request = HTTPRequest(
                method: "POST", target: NodeLink.batchPath(Link.edge),
                body: try #require(signed["body"]?.string.flatMap { Base64.decode($0) }))
            for (name, value) in signed["headers"]?.object ?? [:] { request.headers[name] = value.string }
            let good = request
            var changed = request
            changed.headers["Millwright-Stream"] = #"epoch="epoch-1", lane=normal, first=2, count=20"#
            let bad = changed
            try await link.whileRunning { () async throws in
                #expect(await link.network.deliver(bad).status == 401)
                let response = await link.network.deliver(good)
                #expect(response.status == 200, "\(way): \(String(decoding: response.body, as: UTF8.self))")
                #expect(HubAnswer(response.body)?.position == 20)
                #expect(link.intake.ids == Link.documents(1, 20).map(\.envelope.id))
            }
        }
    }

    @Test(
        "another implementation accepts what an edge signs, and not when it is changed", arguments: Compression.allCases
    )
    func isTaken(_ compression: Compression) async throws {
        let peer = try PythonPeer()
        let link = try Link(compression: compression)
        link.network.intercept { _, _ in HTTPResponse(status: 503) }
        _ = try? await link.uplink.forward(Link.segment(1, 20))
        let request = try #require(link.network.sent.first)
        for way in PythonPeer.ways {
            func check(_ request: HTTPRequest) throws -> JSON {
                try peer.ask([
                    "do": "check", "by": .string(way.rawValue), "method": .string(request.method),
                    "url": .string(request.target), "body": .string(Base64.encode(request.body)),
                    "public": .string(Base64.encode(Link.key.publicKey.bytes)),
                    "headers": .array(request.headers.fields.map { [.string($0.name), .string($0.value)] }),
                ])
            }
            let verdict = try check(request)
            #expect(verdict["holds"] == true, "\(way): \(verdict)")
            #expect(verdict["ids"]?.array?.compactMap(\.string) == Link.documents(1, 20).map(\.envelope.id))
            let covered = Set((verdict["components"]?.array ?? []).compactMap(\.string))
            #expect(covered.isSuperset(of: NodeLink.batchSignature.components))
            var changed = request
            changed.headers["Millwright-Time"] = "2025-06-15T00:00:00.000000Z"
            #expect(try check(changed)["holds"] == false)
        }
    }
}
