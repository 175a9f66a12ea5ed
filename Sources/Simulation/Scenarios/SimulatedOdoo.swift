import Canonical
import ExactJSON
import OdooConnector
import OdooStandIn
import SimulatedWorld
import Synchronization
import World

/// An Odoo of the plant: the stand-in, what was written to its orders, and the process that serves it.
final class SimulatedOdoo: Sendable {
    /// A quantity that was written to an order.
    struct Write: Sendable {
        let record: Int
        let quantity: ExactNumber
    }

    private struct State {
        var odoo: OdooStandIn
        var writes: [Write] = []
        var process: SimulatedProcess
        var backup: Backup?
    }

    /// The database as it was at some time.
    private struct Backup {
        let odoo: OdooStandIn
        let writes: [Write]
        let made: Instant
    }

    static let origin = "http://odoo"
    static let item = "PART"
    private let state: Mutex<State>
    /// The way to it.
    let network: SimulatedNetwork
    /// What its quantities are made of, as far as somebody notes it.
    let posted = PostedFacts()
    private let simulator: Simulator

    init(_ odoo: OdooStandIn, on simulator: Simulator) {
        self.simulator = simulator
        network = SimulatedNetwork(simulator)
        state = Mutex(State(odoo: odoo, process: SimulatedProcess("odoo", on: simulator)))
        serve()
    }

    private func serve() {
        network.listen(
            Self.origin, SimulatedNetwork.Endpoint(process: state.withLock { $0.process }) { self.handle($0) })
    }

    /// Answers one request: one transaction, done in one step.
    func handle(_ request: HTTPRequest) -> HTTPResponse {
        state.withLock { state in
            let response = state.odoo.handle(request, now: simulator.now)
            if let write = Self.write(request, response) {
                state.writes.append(write)
                if let value = write.quantity.intValue { posted.wrote(record: write.record, value) }
            }
            return response
        }
    }

    /// Ends its process: what is on its way to it fails.
    func stop() { state.withLock { $0.process }.kill() }

    /// Starts it anew on the same database.
    func start() {
        state.withLock { state in
            if !state.process.isAlive { state.process = SimulatedProcess("odoo", on: simulator) }
        }
        serve()
    }

    /// Whether the key of the hub's user opens anything.
    func acceptKey(_ isAccepted: Bool) {
        let end = isAccepted ? Instant(microseconds: .max) : simulator.now
        state.withLock { $0.odoo.expireKey("key-\(Self.login)", at: end) }
    }

    /// Takes a backup of the database as it is now.
    func takeBackup() {
        state.withLock { $0.backup = Backup(odoo: $0.odoo, writes: $0.writes, made: simulator.now) }
    }

    /// Puts the database back to the backup, and says when that was made; nil where there is none.
    func restore() -> Instant? {
        state.withLock { state in
            guard let backup = state.backup else { return nil }
            (state.odoo, state.writes) = (backup.odoo, backup.writes)
            return backup.made
        }
    }

    /// A way to it that never fails, as a person's.
    var direct: any Network { DirectNetwork(odoo: self) }

    static let login = "mes"

    static func address(_ login: String, patience: Duration = .seconds(30)) -> OdooAddress {
        OdooAddress(endpoint: origin, database: "demo", login: login, secret: "key-\(login)", timeout: patience)
    }

    /// Adds orders by its own interface.
    func add(orders: [String]) {
        let provisioner = OdooProvisioner(address: Self.address("admin"), network: direct)
        let orders = orders.map {
            OdooProvisioner.Order(origin: $0, item: Self.item, quantity: ExactNumber(100_000))
        }
        // Of a process of its own: a person's browser, not the server's that may be down.
        SimulatedProcess("planner", on: simulator).start {
            _ = try? await provisioner.provision(
                products: [.init(code: Self.item, name: "Part")], orders: orders)
        }
    }

    /// Quantities written so far, in their order, as far as it has not forgotten them.
    var writes: [Write] { state.withLock { $0.writes } }

    /// What stands at each order now, and the order's record.
    func orders() -> [String: (record: Int, quantity: Int)] {
        let rows = call(
            "mrp.production", "search_read", [[]], ["fields": ["origin", "qty_producing"], "limit": 1_000])
        var found: [String: (record: Int, quantity: Int)] = [:]
        for row in rows?.array ?? [] {
            guard let origin = row["origin"]?.string, let id = row["id"]?.int else { continue }
            found[origin] = (id, row["qty_producing"]?.number?.intValue ?? 0)
        }
        return found
    }

    /// Adds facts to an order as a planner does: by hand.
    func add(byHand facts: [PostedFacts.Fact], to order: String) {
        guard let (record, before) = orders()[order] else { return }
        let after = before + facts.reduce(0) { $0 + $1.quantity }
        posted.plan(record: record, before: before, after: after, facts)
        _ = call("mrp.production", "write", [[.int(record)], ["qty_producing": .int(after)]], [:])
    }

    private func call(_ model: String, _ method: String, _ places: JSON, _ names: JSON) -> JSON? {
        let body: JSON = [
            "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": [
                "service": "object", "method": "execute_kw",
                "args": ["demo", 2, "key-admin", .string(model), .string(method), places, names],
            ],
        ]
        let request = HTTPRequest(
            method: "POST", target: "/jsonrpc", headers: ["Content-Type": "application/json"], body: body.bytes)
        return (try? JSONReader.read(handle(request).body))?["result"]
    }

    /// The quantity that a request wrote to an order and that the answer confirms; nil for all others.
    private static func write(_ request: HTTPRequest, _ response: HTTPResponse) -> Write? {
        guard response.status == 200, request.body.firstRange(of: marker) != nil,
            let body = try? JSONReader.read(request.body)
        else { return nil }
        if request.path == "/json/2/mrp.production/write" {
            return write(ids: body["ids"], values: body["vals"])
        }
        guard let places = body["params"]?["args"], places[3]?.string == "mrp.production",
            places[4]?.string == "write", (try? JSONReader.read(response.body))?["error"] == nil
        else { return nil }
        return write(ids: places[5]?[0], values: places[5]?[1])
    }
    private static let marker = Array("qty_producing\":".utf8)

    private static func write(ids: JSON?, values: JSON?) -> Write? {
        guard let id = ids?[0]?.int, let quantity = values?["qty_producing"]?.number else { return nil }
        return Write(record: id, quantity: quantity)
    }
}

extension SimulatedOdoo {
    /// A freshly installed Odoo with a product and orders. Made once for each version and set of orders, and copied.
    static func installed(_ version: OdooStandInVersion, orders: [String], at start: Instant) -> OdooStandIn {
        let key = "\(version.rawValue) \(orders.joined(separator: ","))"
        if let known = installations.withLock({ $0[key] }) { return known }
        let simulator = Simulator(seed: 1, start: start)
        let odoo = SimulatedOdoo(OdooStandIn(version: version, installed: start), on: simulator)
        odoo.add(orders: orders)
        _ = simulator.run(until: start + .seconds(60)) { false }
        let made = odoo.state.withLock { $0.odoo }
        installations.withLock { $0[key] = made }
        return made
    }
    private static let installations = Mutex<[String: OdooStandIn]>([:])
}

/// A network that leads straight to an Odoo and never fails.
private struct DirectNetwork: Network {
    let odoo: SimulatedOdoo

    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no byte stream leads to \(host):\(port)")
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        var incoming = request
        incoming.target = String(request.target.dropFirst(SimulatedOdoo.origin.count))
        return odoo.handle(incoming)
    }
}
