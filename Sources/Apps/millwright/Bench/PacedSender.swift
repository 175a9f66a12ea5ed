import Canonical
import Foundation
import Synchronization

/// A source that makes events at its own pace and repeats what was refused until it is taken: a machine with a buffer.
/// One connection, on a thread of its own.
final class PacedSender: Sendable {
    /// What became of the events so far.
    struct Tally: Sendable {
        /// Made and sent at least once.
        var made = 0
        /// Answered 202.
        var taken = 0
        /// Answers that told it to come back, and the events they were about.
        var refusals = 0
        var refusedEvents = 0
        /// How long the answer to a request took at most, in seconds.
        var slowest = 0.0
        var failure: String?
        var isDone = false
    }

    private let port: Int
    private let path: String
    private let batch: Int
    private let interval: Duration
    private let make: @Sendable (Int) -> [UInt8]
    private let state = Mutex((tally: Tally(), isStopped: false))

    /// `make`: the body of the batch that begins with the event of this number.
    init(port: Int, path: String, batch: Int, interval: Duration, make: @escaping @Sendable (Int) -> [UInt8]) {
        self.port = port
        self.path = path
        self.batch = batch
        self.interval = interval
        self.make = make
    }

    var tally: Tally { state.withLock { $0.tally } }

    /// Makes nothing new any more; what was refused is still repeated until it is taken.
    func stop() { state.withLock { $0.isStopped = true } }

    func start() {
        Thread.detachNewThread {
            do {
                try self.work()
            } catch {
                self.state.withLock { $0.tally.failure = "\(error)" }
            }
            self.state.withLock { $0.tally.isDone = true }
        }
    }

    private func work() throws {
        let connection = try PlainConnection(port: port)
        defer { connection.close() }
        var due = ContinuousClock.now
        var next = 0
        var body: [UInt8]?
        while body != nil || !state.withLock({ $0.isStopped }) {
            let now = ContinuousClock.now
            if now < due { Thread.sleep(forTimeInterval: Double((due - now).microseconds) / 1_000_000) }
            // What could not be made in time is not made up for: the pace is the source's own.
            due = max(due + interval, ContinuousClock.now)
            if body == nil {
                body = make(next)
                next += batch
                state.withLock { $0.tally.made += batch }
            }
            let start = ContinuousClock.now
            let status = try connection.post(path, body ?? [])
            let took = Double((ContinuousClock.now - start).microseconds) / 1_000_000
            try state.withLock { state in
                state.tally.slowest = max(state.tally.slowest, took)
                switch status {
                case 202: state.tally.taken += batch
                case 503:
                    state.tally.refusals += 1
                    state.tally.refusedEvents += batch
                default: throw CommandFailure(description: "a node answered \(status) to a batch")
                }
            }
            if status == 202 { body = nil }
        }
    }
}

/// One HTTP connection that waits for each answer.
struct PlainConnection {
    private let descriptor: Int32
    private let port: Int

    init(port: Int) throws {
        self.port = port
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(port).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Self.failure("connect") }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    func close() { _ = Foundation.close(descriptor) }

    /// Posts a batch and answers with the status.
    func post(_ path: String, _ body: [UInt8]) throws -> Int {
        let head =
            "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
            + "Content-Type: application/cloudevents-batch+json\r\nContent-Length: \(body.count)\r\n\r\n"
        var unsent = (Array(head.utf8) + body)[...]
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Self.failure("send") }
            unsent = unsent.dropFirst(count)
        }
        return try answer()
    }

    private func answer() throws -> Int {
        var bytes: [UInt8] = []
        while true {
            var piece = [UInt8](repeating: 0, count: 8_192)
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { throw Self.failure("receive") }
            bytes += piece.prefix(count)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound]
            let length =
                head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) } ?? 0
            guard text[end.upperBound...].utf8.count >= length else { continue }
            return head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        }
    }

    private static func failure(_ what: String) -> CommandFailure {
        CommandFailure(description: "load: cannot \(what): \(String(cString: strerror(errno)))")
    }
}
