import Foundation
import World

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Plain HTTP through Foundation: enough to talk to a real Odoo from a test.
struct LiveNetwork: Network {
    /// Foundation's own would have six calls under way at most.
    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.default
        configuration.httpMaximumConnectionsPerHost = 64
        return URLSession(configuration: configuration)
    }()

    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no streams here")
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        guard let url = URL(string: request.target) else {
            throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "bad URL \(request.target)")
        }
        var outgoing = URLRequest(url: url, timeoutInterval: Double(timeout.components.seconds))
        outgoing.httpMethod = request.method
        outgoing.httpBody = Data(request.body)
        for field in request.headers.fields { outgoing.setValue(field.value, forHTTPHeaderField: field.name) }
        do {
            let (data, response) = try await Self.session.data(for: outgoing)
            let http = response as? HTTPURLResponse
            var headers = HTTPHeaders()
            for (name, value) in http?.allHeaderFields ?? [:] { headers["\(name)"] = "\(value)" }
            return HTTPResponse(status: http?.statusCode ?? 0, headers: headers, body: Array(data))
        } catch let error as URLError where error.code == .cannotConnectToHost || error.code == .cannotFindHost {
            throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: error.localizedDescription)
        } catch let error as URLError where error.code == .timedOut {
            throw NetworkFailure(.timeout, mayHaveArrived: true, detail: error.localizedDescription)
        } catch {
            throw NetworkFailure(.broken, mayHaveArrived: true, detail: "\(error)")
        }
    }
}

/// Does to the writes of one method what a bad network does: loses the answer, or never lets the request out.
actor FaultyNetwork: Network {
    enum Fault: Sendable {
        /// The request arrives and is carried out; its answer never comes.
        case answerLost
        /// The request never leaves.
        case notSent
        /// The request is on its way for longer than anybody waits; ``FaultyNetwork/land()`` lets it arrive.
        case late
        /// A proxy answers in Odoo's place after the request was carried out.
        case gateway(Int)
    }

    private let inner: any Network
    private var pending: [(method: String, fault: Fault)] = []
    private var underWay: [HTTPRequest] = []
    /// Methods of the requests that came through, in order.
    private(set) var methods: [String] = []

    init(_ inner: any Network) { self.inner = inner }

    /// The next call of `method` meets `fault`.
    func arm(_ method: String, _ fault: Fault) { pending.append((method, fault)) }

    func forget() { methods = [] }

    /// Lets what was late arrive, and answers how many requests that were.
    func land() async throws -> Int {
        let arriving = underWay
        underWay = []
        for request in arriving { _ = try await inner.send(request, timeout: .seconds(120), maximumBody: 1 << 20) }
        return arriving.count
    }

    nonisolated func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream
    {
        try await inner.connect(host: host, port: port, timeout: timeout)
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        let method = OdooExchange.method(of: request)
        let index = pending.firstIndex { $0.method == method }
        let fault = index.map { pending.remove(at: $0).fault }
        if case .notSent = fault {
            throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "connection refused")
        }
        if case .late = fault {
            underWay.append(request)
            throw NetworkFailure(.timeout, mayHaveArrived: true, detail: "no answer within the time")
        }
        methods.append(method)
        let response = try await inner.send(request, timeout: timeout, maximumBody: maximumBody)
        switch fault {
        case .answerLost: throw NetworkFailure(.timeout, mayHaveArrived: true, detail: "no answer within the time")
        case .gateway(let status): return HTTPResponse(status: status, body: Array("<html>Bad Gateway</html>".utf8))
        case .notSent, .late, nil: return response
        }
    }
}
