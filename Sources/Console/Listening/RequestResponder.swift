import Contracts
import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// Carries requests from the HTTP library to the routes and their answers back.
struct RequestResponder: Sendable {
    let board: RouteBoard
    let limits: ListenerLimits
    /// Falls when the listener stops: streams end then.
    let stopping: Latch
    let openStreams: StreamCount
    let bodies: BodyBudget
    /// Nil where nobody wants to know.
    let tally: RequestTally?

    /// How many streams are open.
    final class StreamCount: Sendable {
        private let count = Mutex(0)
        func open(limit: Int) -> Bool {
            count.withLock { count in
                guard count < limit else { return false }
                count += 1
                return true
            }
        }
        func close() { count.withLock { $0 -= 1 } }
    }

    /// Why a connection ends in the middle of a request.
    private enum Cut: Error { case bodyTooLarge(limit: Int), bodyCutOff, noRoom }

    // The writer belongs to one task; all that pass it on run where the HTTP library runs, off any actor.
    @concurrent
    func respond(_ request: Request, _ writer: consuming ResponseWriter) async throws {
        let method = request.head.method.rawValue
        let target = request.head.path ?? "/"
        let path = String(target.prefix { $0 != "?" })
        var mark = tally?.begin(method)
        guard let generation = board.serving(method: method, path: path) else {
            return try await write(
                Problem.changing.response(["Retry-After": "1"]), for: request, writer, mark: mark)
        }
        let match = generation.table.match(method: method, path: path)
        mark?.route = match.route ?? "none"
        switch match {
        case .notFound:
            try await write(Problem.notFound(path).response(), for: request, writer, mark: mark)
        case .methodNotAllowed(let allowed):
            let list = allowed.joined(separator: ", ")
            let answer =
                method == "OPTIONS"
                ? PlainResponse(status: 204, headers: ["Allow": list])
                : Problem.methodNotAllowed(method, path, allowed: allowed).response(["Allow": list])
            try await write(answer, for: request, writer, mark: mark)
        case .found(.plain(let route), let parameters, let omitsBody):
            // Bytes count from their arrival until the route has done with them.
            var held = 0
            defer { bodies.give(back: held) }
            let body: [UInt8]
            do {
                body = try await read(request, for: route, writer, held: &held)
            } catch Cut.bodyTooLarge(let limit) {
                return try await write(
                    Problem.bodyTooLarge(limit: limit).response(["Connection": "close"]), for: request, writer,
                    mark: mark)
            } catch Cut.noRoom {
                return try await write(
                    Problem.tooManyBodies.response(["Connection": "close", "Retry-After": "2"]), for: request, writer,
                    mark: mark)
            }
            let answer = await route.handle(plain(request, body), parameters)
            try await write(answer, for: request, writer, omitsBody: omitsBody, mark: mark)
        case .found(.streaming(let route), let parameters, _):
            guard openStreams.open(limit: limits.streams) else {
                return try await write(
                    Problem.tooManyStreams.response(["Retry-After": "10"]), for: request, writer, mark: mark)
            }
            defer { openStreams.close() }
            switch await route.open(plain(request, []), parameters) {
            case .response(let answer): try await write(answer, for: request, writer, mark: mark)
            case .stream(let contentType, let chunks):
                mark?.end(200, isStream: true)
                try await stream(chunks, contentType, until: generation.retired, writer)
            }
        }
    }

    private static func declaredLength(_ request: Request) -> Int? {
        request.headers[.contentLength].flatMap { Int($0) }
    }

    /// The whole body, which the client is asked for where it waits for that. Throws where the body is longer than the
    /// route takes or than there is room for now; what is announced too long is not waited for.
    @concurrent
    private func read(
        _ request: Request, for route: Route, _ writer: borrowing ResponseWriter, held: inout Int
    ) async throws -> [UInt8] {
        let announced = Self.declaredLength(request) ?? 0
        guard announced <= route.maximumBody else { throw Cut.bodyTooLarge(limit: route.maximumBody) }
        guard bodies.hasRoom(for: announced) else { throw Cut.noRoom }
        if request.headers[.expect]?.lowercased() == "100-continue" {
            try await writer.writeInformationalHead(.init(status: .continue))
        }
        return try await collect(request, limit: route.maximumBody, held: &held)
    }

    /// The whole body. Throws where it is longer than `limit` or than there is room for, or where the client went
    /// before its end: half a body is none.
    private func collect(_ request: Request, limit: Int, held: inout Int) async throws -> [UInt8] {
        var body: [UInt8] = []
        for try await part in request.body {
            guard body.count + part.readableBytes <= limit else { throw Cut.bodyTooLarge(limit: limit) }
            guard bodies.take(part.readableBytes) else { throw Cut.noRoom }
            held += part.readableBytes
            body.append(contentsOf: part.readableBytesView)
        }
        if let length = Self.declaredLength(request), length != body.count { throw Cut.bodyCutOff }
        return body
    }

    private func plain(_ request: Request, _ body: [UInt8]) -> PlainRequest {
        PlainRequest(
            method: request.head.method.rawValue, target: request.head.path ?? "/",
            headers: PlainHeaders(request.headers.map { (name: $0.name.rawName, value: $0.value) }), body: body)
    }

    @concurrent
    private func write(
        _ answer: PlainResponse, for request: Request, _ writer: consuming ResponseWriter, omitsBody: Bool = false,
        mark: RequestTally.Mark?
    ) async throws {
        defer { mark?.end(answer.status) }
        var head = Self.head(answer.status, answer.headers)
        if answer.status != 204, answer.status != 304 { head.headerFields[.contentLength] = String(answer.body.count) }
        // A client that wants to close is told that this is the last answer; a stopping listener says so itself.
        if stopping.hasFallen || request.headers[.connection]?.lowercased() == "close" {
            head.headerFields[.connection] = "close"
        }
        guard !omitsBody, !answer.body.isEmpty else { return try await writer.writeResponse(head) }
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    private static func head(_ status: Int, _ headers: PlainHeaders) -> HTTPTypes.HTTPResponse {
        var head = HTTPTypes.HTTPResponse(status: .init(code: (100...599).contains(status) ? status : 500))
        for field in headers.fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            head.headerFields.append(HTTPField(name: name, value: field.value))
        }
        if let sniffing = HTTPField.Name("X-Content-Type-Options") { head.headerFields[sniffing] = "nosniff" }
        return head
    }

    /// Sends the chunks until they end, the client goes, the listener stops or its routes change.
    @concurrent
    private func stream(
        _ chunks: AsyncStream<[UInt8]>, _ contentType: String, until retired: Latch, _ writer: consuming ResponseWriter
    ) async throws {
        var body = try await writer.writeHead(
            Self.head(
                200,
                [
                    "Content-Type": contentType, "Cache-Control": "no-store", "X-Accel-Buffering": "no",
                    "Connection": "close",
                ]))
        var iterator = UntilLatch(chunks: chunks, latch: retired).makeAsyncIterator()
        while let chunk = await iterator.next() {
            try await body.write(ByteBuffer(bytes: chunk))
        }
        try await body.finish(nil)
    }
}

/// A sequence's elements until a latch falls.
private struct UntilLatch: Sendable {
    let chunks: AsyncStream<[UInt8]>
    let latch: Latch

    struct Iterator {
        let chunks: AsyncStream<[UInt8]>
        let latch: Latch

        mutating func next() async -> [UInt8]? {
            let latch = latch
            let chunks = chunks
            return await withTaskGroup(of: [UInt8]?.self, returning: [UInt8]?.self) { group in
                group.addTask {
                    var iterator = chunks.makeAsyncIterator()
                    return await iterator.next()
                }
                group.addTask {
                    await latch.wait()
                    return nil
                }
                let first = await group.next() ?? nil
                group.cancelAll()
                return first
            }
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(chunks: chunks, latch: latch) }
}
