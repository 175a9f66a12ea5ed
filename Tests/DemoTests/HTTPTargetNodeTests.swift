import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// The receiver of `Tests/Peers` as a process of its own: what it made is told by itself, not by the node.
private final class Receiver: Sendable {
    static let python = Program.root.appendingPathComponent(".build-peers/bin/python")
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python.path) }

    let port: Int
    private let process = Process()
    private let input = Pipe()

    init() throws {
        let output = Pipe()
        process.executableURL = Self.python
        process.arguments = [Program.root.appendingPathComponent("Tests/Peers/http_receiver.py").path]
        process.standardOutput = output
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        try process.run()
        var said = Data()
        while !said.contains(0x0A) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
            said += more
        }
        let line = String(decoding: said, as: UTF8.self).prefix { $0 != "\n" }
        port = try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }

    /// The orders that it made, in their order; nothing while it does not answer.
    func made() async -> [String] {
        let request = HTTPRequest(method: "GET", target: "http://127.0.0.1:\(port)/made")
        guard
            let answer = try? await World.shared.network.send(request, timeout: .seconds(5), maximumBody: 1 << 20),
            let orders = try? JSONReader.read(answer.body).array
        else { return [] }
        return orders.compactMap { $0["order"]?.string }
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// A real node, an HTTP target, and a receiver that others wrote.
@Suite("A node with an HTTP target", .serialized, .timeLimit(.minutes(5)), .enabled(if: Receiver.isThere))
struct HTTPTargetNodeTests {
    private static let door = [
        "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
        "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
    ]

    private static func files(_ receiver: Receiver, _ path: String, _ target: String, map: String) -> [String: String] {
        [
            "targets/mes.yaml": """
            target: mes
            protocol: http
            endpoint: http://127.0.0.1:\(receiver.port)\(path)
            start: beginning
            reference: /id
            \(target)

            """,
            "flows/orders.yaml": """
            flow: orders
            owner: production
            when: { type: "millwright.production.completed.*" }
            target: mes
            operation: request
            jq: '{\(map), body: {order: .subject}}'
            retry: { base: 10ms, cap: 100ms }

            """,
        ]
    }

    @Test("killed at each of its durable boundaries, a node leaves each order once at a receiver that knows the key")
    func boundaries() async throws {
        let library = try Program.compile("killpoints.c")
        defer { try? FileManager.default.removeItem(atPath: library) }
        let receiver = try Receiver()
        defer { receiver.stop() }
        let first = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.door)
        let orders = (10..<40).map { "MO-\($0)" }
        for order in orders { #expect(try await first.post(BadInput.event("e-\(order)", order: order)).status == 202) }
        first.kill()
        // With the target a start has work to do at once, and dies within it.
        for (path, text) in Self.files(receiver, "", "repeats: keyed\nsettle: 1s", map: "path: \"orders/\"") {
            try NodeProcess.write("\(first.folder)/\(path)", text)
        }
        var kills = 0
        for number in 1...16 {
            for kind in ["after-sync", "before-write"] {
                let node = Process()
                node.executableURL = Program.found
                node.arguments = ["run", "--folder", first.folder]
                node.environment = ProcessInfo.processInfo.environment.merging([
                    "LD_PRELOAD": library, "MILLWRIGHT_KILL": "\(kind):\(number)", "SWIFT_BACKTRACE": "enable=no",
                ]) { $1 }
                node.standardInput = FileHandle.nullDevice
                node.standardOutput = FileHandle.nullDevice
                node.standardError = FileHandle.nullDevice
                try node.run()
                // One that has nothing left to do lives on.
                for _ in 0..<150 where node.isRunning { try await World.shared.clock.sleep(for: .milliseconds(20)) }
                if node.isRunning { node.terminate() } else { kills += 1 }
                node.waitUntilExit()
            }
        }
        #expect(kills >= 16, "\(kills)")
        let last = try NodeProcess(["run", "--folder", "FOLDER"], in: first.folder)
        defer { last.stop() }
        let made = try await last.until({ await receiver.made() }) { $0.count >= orders.count }
        #expect(made.sorted() == orders, "\(made)")
        let exceptions = try last.exceptions()
        #expect(exceptions.isEmpty, "\(exceptions)")
    }

    @Test("what was under way when the node was killed waits for a person, where the receiver knows no key")
    func unkeyed() async throws {
        let receiver = try Receiver()
        defer { receiver.stop() }
        let files = Self.files(receiver, "/unkeyed", "settle: 1s", map: "query: {lose: 5}")
        let first = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.door.merging(files) { $1 })
        #expect(try await first.post(BadInput.event("e1", order: "MO-1")).status == 202)
        #expect(try await first.until({ await receiver.made() }) { !$0.isEmpty } == ["MO-1"])
        first.kill()
        let second = try NodeProcess(["run", "--folder", "FOLDER"], in: first.folder)
        defer { second.stop() }
        let exceptions = try await second.until({ try second.exceptions() }) { !$0.isEmpty }
        #expect(exceptions.map { $0["code"]?.string } == ["HTTP-012"])
        #expect(
            exceptions.first?["message"]?.string?.contains("POST http://127.0.0.1:\(receiver.port)/unkeyed") == true)
        // Its key is held, and others go on.
        for (id, order) in [("e2", "MO-1"), ("e3", "MO-2")] {
            #expect(try await second.post(BadInput.event(id, order: order)).status == 202)
        }
        #expect(try await second.until({ await receiver.made() }) { $0.count > 1 } == ["MO-1", "MO-2"])
        try await World.shared.clock.sleep(for: .seconds(2))
        #expect(await receiver.made() == ["MO-1", "MO-2"], "it was sent twice")
    }
}
