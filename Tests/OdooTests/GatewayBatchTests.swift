import ExactJSON
import Testing
import World

@testable import OdooConnector

@Suite("operations that go to the addon together")
struct GatewayBatchTests {
    private static func operation(_ key: String, bytes: Int = 10) -> GatewayOperation {
        .question(key: key, name: String(repeating: "x", count: bytes))
    }

    /// What each operation came to, by its key: the first goes alone, the others wait for its end.
    private static func outcomes(
        _ operations: [GatewayOperation], over network: NarrowNetwork
    ) async -> [String: String] {
        let gateway = OdooGateway(
            connection: OdooConnection(
                OdooAddress(endpoint: "http://odoo", database: "demo", login: "mes", secret: "mes"), network: network),
            clock: TestClock(), age: .seconds(600), source: "test")
        return await withTaskGroup(of: (String, String).self) { group in
            for (index, operation) in operations.enumerated() {
                group.addTask { (operation.key, await Self.outcome(of: operation, at: gateway)) }
                if index == 0 { await network.waitForFirst() }
            }
            while await gateway.queued < operations.count - 1 { await Task.yield() }
            await network.letGo()
            var outcomes: [String: String] = [:]
            for await (key, outcome) in group { outcomes[key] = outcome }
            return outcomes
        }
    }

    private static func outcome(of operation: GatewayOperation, at gateway: OdooGateway) async -> String {
        do throws(OdooError) {
            return try await gateway.submit(operation).status.rawValue
        } catch {
            switch error.verdict {
            case .rejected: return "rejected \(error.failure.kind.code)"
            case .deferred: return "deferred \(error.failure.kind.code)"
            case .unknown: return "unknown \(error.failure.kind.code)"
            }
        }
    }

    @Test("are bounded in bytes, and one that is larger goes by itself")
    func bounded() async {
        let network = NarrowNetwork(takes: 4 << 20)
        let outcomes = await Self.outcomes(
            [Self.operation("first")] + (1...3).map { Self.operation("part\($0)", bytes: 200_000) }, over: network)
        #expect(outcomes.count == 4 && outcomes.values.allSatisfy { $0 == "done" }, "\(outcomes)")
        #expect(await network.batches == [1, 2, 1])

        let large = NarrowNetwork(takes: 4 << 20)
        let alone = await Self.outcomes(
            [Self.operation("first"), Self.operation("large", bytes: OdooGateway.maximumBytes + 1)], over: large)
        #expect(alone.values.allSatisfy { $0 == "done" }, "\(alone)")
        #expect(await large.batches == [1, 1])
    }

    @Test("where together they are too large for a proxy, only the one is refused that is so alone")
    func refusedTogether() async {
        let network = NarrowNetwork(takes: 100_000)
        let outcomes = await Self.outcomes(
            [
                Self.operation("first"), Self.operation("a"), Self.operation("large", bytes: 200_000),
                Self.operation("b"),
            ], over: network)
        #expect(outcomes == ["first": "done", "a": "done", "large": "rejected ODOO-015", "b": "done"])
        #expect(await network.batches == [1, 3, 1, 1, 1])
    }

    @Test("where the first alone has no answer, the others are not tried for now")
    func silentMeanwhile() async {
        let network = NarrowNetwork(takes: 100_000, answers: 2)
        let outcomes = await Self.outcomes(
            [Self.operation("first")] + (1...3).map { Self.operation("part\($0)", bytes: 40_000) }, over: network)
        #expect(outcomes["first"] == "done")
        #expect(outcomes.values.sorted() == ["deferred ODOO-007", "deferred ODOO-007", "done", "unknown ODOO-009"])
        #expect(await network.batches == [1, 3, 1])
    }
}

/// The addon of an Odoo 17 behind a proxy that takes bodies up to a size. Holds the first call until it is let go.
private actor NarrowNetwork: RequestNetwork {
    private let limit: Int
    /// Calls that are answered; then none is.
    private let answers: Int
    private var isHeld = true
    /// How many operations each call had.
    private(set) var batches: [Int] = []

    init(takes limit: Int, answers: Int = .max) {
        self.limit = limit
        self.answers = answers
    }

    func letGo() { isHeld = false }

    func waitForFirst() async {
        while batches.isEmpty { try? await Task.sleep(for: .milliseconds(1)) }
    }

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        if request.target.hasSuffix("/version_info") { return Self.result(["server_version": "17.0"]) }
        guard OdooExchange.method(of: request) == "submit" else { return Self.result(2) }
        let body = try? JSONReader.read(request.body, maximumDepth: 64)
        let operations = body?["params"]?["args"]?[5]?[0]?.array ?? []
        batches.append(operations.count)
        let number = batches.count
        while isHeld { try? await Task.sleep(for: .milliseconds(1)) }
        guard number <= answers else {
            throw NetworkFailure(.timeout, mayHaveArrived: true, detail: "no answer within the time")
        }
        guard request.body.count <= limit else {
            return HTTPResponse(status: 413, body: Array("<html>Request Entity Too Large</html>".utf8))
        }
        let done = operations.map { ["key": $0["key"] ?? .null, "status": "done", "results": [:]] as JSON }
        return Self.result(["answers": .array(done)])
    }

    private static func result(_ result: JSON) -> HTTPResponse {
        let answer: JSON = ["jsonrpc": "2.0", "id": 1, "result": result]
        return HTTPResponse(status: 200, body: answer.bytes)
    }
}
