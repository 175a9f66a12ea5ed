import Canonical
import Foundation
import World

/// The adapter of `Tests/Peers`, running as a process of its own on a free port.
final class AdapterPeer: Sendable {
    let port: Int
    private let process: Process
    private let input: Pipe
    /// What the adapter says of itself, one JSON object a line.
    let lines: AsyncStream<String>

    init(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", packageRoot.appending(path: "Tests/Peers/shdr_adapter.py").path] + arguments
        let output = Pipe()
        let input = Pipe()
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        self.process = process
        self.input = input
        let reader = LineReader(output.fileHandleForReading)
        guard let first = reader.next(), let number = first.split(separator: " ").last?.dropLast(),
            let port = Int(number)
        else { throw CocoaError(.fileReadUnknown) }
        self.port = port
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        Thread.detachNewThread {
            while let line = reader.next() { continuation.yield(line) }
            continuation.finish()
        }
    }

    /// Ends the process by closing its standard input, and waits for it.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// Reads lines from a pipe, blocking.
private final class LineReader: @unchecked Sendable {
    // Used by one thread at a time: the initialiser's, then the one reading thread.
    private let handle: FileHandle
    private var rest = Data()

    init(_ handle: FileHandle) { self.handle = handle }

    func next() -> String? {
        while true {
            if let end = rest.firstIndex(of: 0x0A) {
                defer { rest = Data(rest[(end + 1)...]) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            let data = handle.availableData
            guard !data.isEmpty else { return nil }
            rest += data
        }
    }
}

/// TCP over POSIX sockets, as small as the tests need it.
struct SocketNetwork: Network {
    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "errno \(errno)")
        }
        return SocketStream(descriptor: descriptor)
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no HTTP here")
    }
}

/// One connection; reads wait on a thread of libdispatch, so that no task thread is held.
final class SocketStream: ByteStream {
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "socket")

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { Glibc.close(descriptor) }

    func read(timeout: Duration?) async throws(NetworkFailure) -> [UInt8]? {
        let milliseconds = timeout.map { Int32(min(60_000, max(1, $0.microseconds / 1_000))) } ?? -1
        let descriptor = descriptor
        let result: Result<[UInt8]?, NetworkFailure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { continuation.resume(returning: Self.wait(descriptor, milliseconds)) }
            }
        } onCancel: {
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
        if Task.isCancelled { throw NetworkFailure(.cancelled, mayHaveArrived: false, detail: "cancelled") }
        return try result.get()
    }

    private static func wait(_ descriptor: Int32, _ milliseconds: Int32) -> Result<[UInt8]?, NetworkFailure> {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, milliseconds) > 0 else {
            return .failure(NetworkFailure(.timeout, mayHaveArrived: false, detail: "nothing came"))
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else {
            return .failure(NetworkFailure(.broken, mayHaveArrived: false, detail: "errno \(errno)"))
        }
        return .success(count == 0 ? nil : Array(buffer[..<count]))
    }

    func write(_ bytes: [UInt8]) async throws(NetworkFailure) {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw NetworkFailure(.broken, mayHaveArrived: true, detail: "errno \(errno)")
        }
    }

    func close() async { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
