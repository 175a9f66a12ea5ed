import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// The receiver of `Tests/Peers`, running as a process of its own on a free port.
final class ReceiverPeer: Sendable {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let python = root.appending(path: ".build-peers/bin/python")
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python.path) }

    let port: Int
    private let process: Process
    private let input: Pipe
    private let scheme: String

    /// `tls`: files with a certificate and its key.
    init(tls: (certificate: String, key: String)? = nil) throws {
        let process = Process()
        process.executableURL = Self.python
        process.arguments =
            [Self.root.appending(path: "Tests/Peers/http_receiver.py").path]
            + (tls.map { [$0.certificate, $0.key] } ?? [])
        // The issuer's library wants TLS even on the loopback.
        process.environment = ProcessInfo.processInfo.environment.merging(["AUTHLIB_INSECURE_TRANSPORT": "1"]) { $1 }
        let (output, input) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        self.input = input
        scheme = tls == nil ? "http" : "https"
        var said = Data()
        while !said.contains(0x0A) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
            said += more
        }
        let line = String(decoding: said, as: UTF8.self).prefix { $0 != "\n" }
        port = try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }

    func address(_ path: String) -> String { "\(scheme)://127.0.0.1:\(port)\(path)" }

    /// What it made so far, asked over a connection of the test's own. It says its port before it takes connections.
    func made() async throws -> [JSON] {
        for _ in 0..<100 {
            if let answer = try? await client.send(
                HTTPRequest(method: "GET", target: address("/made")), timeout: .seconds(5), maximumBody: 1 << 20)
            {
                return try JSONReader.read(answer.body).array ?? []
            }
            try await LiveClock().sleep(for: .milliseconds(50))
        }
        throw Unexpected(description: "the receiver takes no connections")
    }

    func post(_ path: String) async throws -> HTTPResponse {
        try await client.send(
            HTTPRequest(method: "POST", target: address(path)), timeout: .seconds(10), maximumBody: 1 << 20)
    }

    /// Ends the process by closing its standard input, and waits for it.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
