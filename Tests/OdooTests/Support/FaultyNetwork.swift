import World

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
