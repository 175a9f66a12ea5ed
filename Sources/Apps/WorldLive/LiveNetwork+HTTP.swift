import AsyncHTTPClient
import Canonical
import NIOCore
import NIOSSL
import Synchronization
package import World

import enum NIOHTTP1.HTTPMethod

extension LiveNetwork {
    package func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        let peer = Self.peer(of: request.target)
        guard request.target.hasPrefix("https://") || request.target.hasPrefix("http://") else {
            throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "\(peer) is no http or https address")
        }
        let sending = Sending(request.body)
        let result = await withTaskGroup(
            of: Result<HTTPResponse, NetworkFailure>?.self, returning: Result<HTTPResponse, NetworkFailure>?.self
        ) { group in
            group.addTask {
                do {
                    return .success(try await self.exchange(request, sending, maximumBody: maximumBody, peer: peer))
                } catch {
                    return .failure(NetworkFailure.wrapping(error, sent: sending.hasBegun, peer: peer))
                }
            }
            group.addTask {
                // Cancelled as soon as the answer is there.
                guard (try? await Task.sleep(for: timeout)) != nil else { return nil }
                return .failure(
                    NetworkFailure(
                        .timeout, mayHaveArrived: sending.hasBegun, detail: "\(peer) did not answer within \(timeout)"))
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // Without a first result the sleep was cancelled from outside, and so was the exchange: its own word
            // counts.
            if let first { return first }
            return await group.next() ?? nil
        }
        switch result {
        case .success(let response): return response
        case .failure(let failure): throw failure
        case nil:
            throw NetworkFailure(
                .cancelled, mayHaveArrived: sending.hasBegun, detail: "the exchange with \(peer) was cancelled")
        }
    }

    private func exchange(
        _ request: HTTPRequest, _ sending: Sending, maximumBody: Int, peer: String
    ) async throws -> HTTPResponse {
        var outgoing = HTTPClientRequest(url: request.target)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for field in request.headers.fields { outgoing.headers.add(name: field.name, value: field.value) }
        if request.headers["user-agent"] == nil { outgoing.headers.add(name: "user-agent", value: "millwright") }
        if !request.body.isEmpty { outgoing.body = .stream(sending, length: .known(Int64(request.body.count))) }
        if case .rootsFile(let path) = request.trust {
            var trust = Self.tls()
            trust.trustRoots = .file(path)
            outgoing.tlsConfiguration = trust
        }
        // The deadline is the caller's task being cancelled; this one only has to lie behind it.
        let answer = try await client.execute(outgoing, deadline: .distantFuture)
        let tooLarge = NetworkFailure(
            .tooLarge, mayHaveArrived: true, detail: "the answer of \(peer) is larger than \(maximumBody) bytes")
        if let length = answer.headers.first(name: "content-length").flatMap({ Int($0) }), length > maximumBody,
            request.method != "HEAD"
        {
            throw tooLarge
        }
        var body: [UInt8] = []
        for try await chunk in answer.body {
            guard body.count + chunk.readableBytes <= maximumBody else { throw tooLarge }
            body.append(contentsOf: chunk.readableBytesView)
        }
        // A cancelled body may end early instead of failing; half an answer is none.
        try Task.checkCancellation()
        return HTTPResponse(
            status: Int(answer.status.code),
            headers: HTTPHeaders(answer.headers.map { (name: $0.name, value: $0.value) }),
            body: body)
    }

    /// Host and port alone: the rest of an address may hold what belongs in no log.
    static func peer(of target: String) -> String {
        let behind = target.split(separator: "//", maxSplits: 1).dropFirst().first ?? Substring(target.prefix(40))
        let authority = behind.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return String(authority.split(separator: "@").last ?? authority)
    }
}

/// A request's body that knows whether the client has begun to take it: before that nothing of it can have arrived.
///
/// The client asks for the first piece only when a connection stands. A request without a body gives no such sign and
/// counts as begun from the start, except for errors that only happen before.
private final class Sending: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private let body: [UInt8]
    private let begun: Atomic<Bool>

    init(_ body: [UInt8]) {
        self.body = body
        begun = Atomic(body.isEmpty)
    }

    var hasBegun: Bool { begun.load(ordering: .acquiring) }

    struct AsyncIterator: AsyncIteratorProtocol {
        let sending: Sending
        var isDone = false

        mutating func next() async throws -> ByteBuffer? {
            if isDone { return nil }
            isDone = true
            sending.begun.store(true, ordering: .releasing)
            return ByteBuffer(bytes: sending.body)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(sending: self) }
}
