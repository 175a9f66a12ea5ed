import Foundation
import Synchronization
import Testing
import World
import WorldLive

@Suite("a live byte stream", .timeLimit(.minutes(2)))
struct LiveByteStreamTests {
    let network = LiveNetwork()

    private func connect(_ server: PlainServer) async throws(NetworkFailure) -> any ByteStream {
        try await network.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(5))
    }

    @Test("bytes go both ways, and the peer's end is nil, again and again")
    func echo() async throws {
        let server = try PlainServer { connection in
            connection.write(connection.read())
            connection.end()
        }
        defer { server.stop() }
        let stream = try await connect(server)
        try await stream.write(Array("* PING\n".utf8))
        #expect(try await stream.read(timeout: .seconds(5)) == Array("* PING\n".utf8))
        #expect(try await stream.read(timeout: .seconds(5)) == nil)
        #expect(try await stream.read(timeout: nil) == nil)
        await stream.close()
        await stream.close()
    }

    @Test("a read that got nothing in time fails, and what comes later is not lost")
    func timeout() async throws {
        let go = Waitable<Bool>()
        let server = try PlainServer { connection in
            _ = connection.read()
            connection.write("late")
            _ = connection.read()
        }
        defer { server.stop() }
        let stream = try await connect(server)
        await #expect { _ = try await stream.read(timeout: .milliseconds(50)) } throws: {
            ($0 as? NetworkFailure)?.reason == .timeout
        }
        try await stream.write([1])
        #expect(try await stream.read(timeout: .seconds(5)) == Array("late".utf8))
        go.set(true)
        await stream.close()
    }

    @Test("a cancelled read ends at once, and the stream goes on")
    func cancelledRead() async throws {
        let server = try PlainServer { connection in
            _ = connection.read()
            connection.write("x")
            _ = connection.read()
        }
        defer { server.stop() }
        let stream = try await connect(server)
        for _ in 0..<50 {
            await withTaskGroup { group in
                group.addTask {
                    await #expect { _ = try await stream.read(timeout: nil) } throws: {
                        ($0 as? NetworkFailure)?.reason == .cancelled
                    }
                }
                group.cancelAll()
            }
        }
        try await stream.write([1])
        #expect(try await stream.read(timeout: .seconds(5)) == [0x78])
        await stream.close()
    }

    @Test("a peer that sends faster than anybody reads is held back")
    func backPressure() async throws {
        let sent = Mutex(0)
        let stalled = Waitable<Bool>()
        let total = 64 << 20
        let server = try PlainServer { connection in
            let piece = [UInt8](repeating: 7, count: 1 << 20)
            for round in 0..<64 {
                // The first megabytes fill both ends' kernel buffers; a peer that is not held back would send all 64.
                if round == 24 { stalled.set(true) }
                guard connection.write(piece) else { return }
                sent.withLock { $0 += piece.count }
            }
            connection.end()
        }
        defer { server.stop() }
        let stream = try await connect(server)
        _ = try await stream.read(timeout: .seconds(5))
        let reachedEarly = await withTaskGroup { group in
            group.addTask { await stalled.value ?? false }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(300))
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
        #expect(!reachedEarly, "the peer could send \(sent.withLock { $0 }) of \(total) bytes that nobody read")
        var received = 0
        while let bytes = try await stream.read(timeout: .seconds(5)) {
            #expect(bytes.count <= 64 << 10)
            received += bytes.count
        }
        #expect(received > 0)
        #expect(sent.withLock { $0 } == total)
    }

    @Test(
        "a peer that is gone without a word is found within half a minute",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/net/tcp")))
    func keepsAlive() async throws {
        let server = try PlainServer { connection in _ = connection.read() }
        defer { server.stop() }
        let stream = try await connect(server)
        // The kernel's own table: the connection's timer is the one that asks a silent peer, and is due in ten seconds.
        // Its columns are those of proc(5): local and remote address, state, queues, timer and hundredths of seconds.
        let remote = ":" + String(server.port, radix: 16, uppercase: true)
        let table = try #require(try FileHandle(forReadingAtPath: "/proc/net/tcp")?.readToEnd())
        let rows = String(decoding: table, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        let row = try #require(rows.first { $0.count > 5 && $0[2].hasSuffix(remote) && $0[3] == "01" })
        let timer = row[5].split(separator: ":")
        #expect(timer.first == "02")
        #expect(try #require(timer.last.flatMap { Int($0, radix: 16) }) <= 1_000)
        await stream.close()
    }

    @Test("a reset connection is broken, not ended")
    func reset() async throws {
        let server = try PlainServer { connection in
            _ = connection.read()
            connection.reset()
        }
        defer { server.stop() }
        let stream = try await connect(server)
        try await stream.write([1])
        await #expect { _ = try await stream.read(timeout: .seconds(5)) } throws: {
            ($0 as? NetworkFailure)?.reason == .broken
        }
        await #expect(throws: NetworkFailure.self) { try await stream.write([1]) }
    }

    @Test("a connection that is refused was never there", arguments: ["127.0.0.1", "localhost"])
    func refused(host: String) async throws {
        let server = try PlainServer { $0.end() }
        server.stop()
        await #expect {
            _ = try await network.connect(host: host, port: server.port, timeout: .seconds(5))
        } throws: {
            ($0 as? NetworkFailure)?.reason == .unreachable && ($0 as? NetworkFailure)?.mayHaveArrived == false
        }
    }

    @Test("a port that is none is refused", arguments: [0, -1, 65_536])
    func noPort(port: Int) async throws {
        await #expect(throws: NetworkFailure.self) {
            _ = try await network.connect(host: "127.0.0.1", port: port, timeout: .seconds(1))
        }
    }

    @Test("a cancelled connect ends at once")
    func cancelledConnect() async throws {
        let network = network
        await withTaskGroup { group in
            group.addTask {
                // A documentation address (RFC 5737): nobody answers there.
                await #expect {
                    _ = try await network.connect(host: "192.0.2.1", port: 9, timeout: .seconds(50))
                } throws: {
                    [.cancelled, .unreachable].contains(($0 as? NetworkFailure)?.reason)
                }
            }
            group.cancelAll()
        }
    }
}
