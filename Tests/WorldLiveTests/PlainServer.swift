import Glibc
import Synchronization

/// A TCP server of the test's own, on a free loopback port: each connection is handed to `serve` on a thread of its
/// own.
final class PlainServer: Sendable {
    let port: Int
    private let descriptor: Int32
    private let isStopped = Atomic(false)

    init(backlog: Int32 = 16, _ serve: @escaping @Sendable (PlainConnection) -> Void) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && getsockname(descriptor, raw, &size) == 0
            }
        }
        guard bound, listen(descriptor, backlog) == 0 else { throw SystemError(code: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.descriptor = descriptor
        onThread {
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard accepted >= 0 else {
                    close(descriptor)
                    return
                }
                onThread { serve(PlainConnection(descriptor: accepted)) }
            }
        }
    }

    func stop() {
        // The accepting thread closes it: a number that is closed here could be another socket's when that thread uses
        // it again.
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    struct SystemError: Error { let code: Int32 }
}

struct PlainConnection: Sendable {
    let descriptor: Int32

    /// The next bytes; empty at the end.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : []
    }

    /// Reads until the text has been seen.
    func read(until text: String) -> String {
        var all = ""
        while !all.contains(text) {
            let bytes = read()
            if bytes.isEmpty { break }
            all += String(decoding: bytes, as: UTF8.self)
        }
        return all
    }

    /// False where the peer took no more.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    func write(_ text: String) { write(Array(text.utf8)) }
    func end() { close(descriptor) }

    /// Ends the connection with a reset, as a crash of the peer's machine does.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close(descriptor)
    }
}

/// Runs `body` on a thread of its own.
func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { raw in
            Unmanaged<Box>.fromOpaque(raw!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
}

/// A value that a thread sets and the test waits for.
final class Waitable<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation
    init() { (stream, continuation) = AsyncStream.makeStream(of: Value.self) }
    func set(_ value: Value) { continuation.yield(value) }
    var value: Value? {
        get async {
            var iterator = stream.makeAsyncIterator()
            return await iterator.next()
        }
    }
}
