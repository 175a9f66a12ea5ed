import Foundation

/// Posts batches over many connections at once from one thread, with as little work as can be: what is measured is the
/// node, and both share the machine.
struct LoadClients {
    let port: Int
    let connections: Int

    /// One connection and what stands of it.
    private struct Connection {
        let descriptor: Int32
        var unsent: ArraySlice<UInt8> = []
        var answer: [UInt8] = []
        var isWaiting = false
    }

    /// Posts each body and waits for its 202; the bodies must stay small enough for a socket's buffer to take soon.
    func post(_ bodies: [[UInt8]]) throws {
        var clients = try (0..<min(connections, bodies.count)).map { _ in Connection(descriptor: try connect()) }
        defer { for client in clients { close(client.descriptor) } }
        var next = 0
        var done = 0
        while done < bodies.count {
            for index in clients.indices where !clients[index].isWaiting && next < bodies.count {
                clients[index].unsent = request(bodies[next])[...]
                clients[index].isWaiting = true
                next += 1
            }
            for index in try ready(clients) {
                try send(&clients[index])
                guard try receive(&clients[index]) else { continue }
                clients[index].isWaiting = false
                done += 1
            }
        }
    }

    private func request(_ body: [UInt8]) -> [UInt8] {
        let head = """
            POST /v1/events HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Content-Type: application/cloudevents-batch+json\r
            Content-Length: \(body.count)\r
            \r

            """
        return Array(head.utf8) + body
    }

    private func connect() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(port).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw failure("connect") }
        return descriptor
    }

    /// The connections at which something can be done, within ten seconds.
    private func ready(_ clients: [Connection]) throws -> [Int] {
        var polls = clients.map { client in
            let wants = client.unsent.isEmpty ? POLLIN : POLLIN | POLLOUT
            return pollfd(fd: client.descriptor, events: client.isWaiting ? Int16(wants) : 0, revents: 0)
        }
        guard poll(&polls, nfds_t(polls.count), 10_000) > 0 else { throw failure("wait") }
        return polls.indices.filter { polls[$0].revents != 0 }
    }

    private func send(_ client: inout Connection) throws {
        while !client.unsent.isEmpty {
            let count = client.unsent.withUnsafeBytes { write(client.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { throw failure("send") }
            client.unsent = client.unsent.dropFirst(count)
        }
    }

    /// Whether the whole answer is there.
    private func receive(_ client: inout Connection) throws -> Bool {
        let room = 4_096
        let count = try withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { buffer in
            let count = read(client.descriptor, buffer.baseAddress, room)
            if count > 0 { client.answer += buffer.prefix(count) }
            guard count != 0 else { throw failure("receive") }
            return count
        }
        guard count > 0 || errno == EAGAIN else { throw failure("receive") }
        guard let length = try Self.length(client.answer) else { return false }
        guard client.answer.count >= length else { return false }
        client.answer = []
        return true
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let lengthName = Array("content-length:".utf8)

    /// Bytes of the whole answer, once its head is there; throws where it is not a 202.
    private static func length(_ answer: [UInt8]) throws -> Int? {
        guard let end = position(of: headEnd, in: answer) else { return nil }
        guard answer.starts(with: Array("HTTP/1.1 202".utf8)) else {
            throw CommandFailure(description: "a node answered: \(String(decoding: answer, as: UTF8.self))")
        }
        let lower = answer[..<end].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        guard let name = position(of: lengthName, in: lower) else { return end + headEnd.count }
        let digits = lower[(name + lengthName.count)...].drop { $0 == 0x20 }.prefix { $0 &- 0x30 < 10 }
        return end + headEnd.count + digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    }

    private static func position(of part: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= part.count else { return nil }
        return (0...(bytes.count - part.count)).first { bytes[$0] == part[0] && bytes[$0...].starts(with: part) }
    }

    private func failure(_ what: String) -> CommandFailure {
        CommandFailure(description: "load: cannot \(what): \(String(cString: strerror(errno)))")
    }
}
