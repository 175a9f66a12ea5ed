import Canonical
import Contracts
import ExactJSON
import Synchronization
import Testing
import World

@testable import OdooConnector

/// An Odoo that knows keys: makes them, revokes them, and refuses those that it does not know.
private actor KeyOdoo: RequestNetwork {
    private(set) var keys: Set<String>
    private let version: String
    private let hasMethods: Bool
    private(set) var bodies: [String] = []
    /// Methods that fail once.
    private var broken: Set<String> = []

    init(_ keys: Set<String>, version: String = "19.0", hasMethods: Bool = true) {
        self.keys = keys
        self.version = version
        self.hasMethods = hasMethods
    }

    func revoke(_ key: String) { keys.remove(key) }
    func add(_ key: String) { keys.insert(key) }
    func breakOnce(_ method: String) { broken.insert(method) }

    func send(
        _ request: HTTPRequest, timeout: Duration, maximumBody: Int
    ) async throws(NetworkFailure) -> HTTPResponse {
        let body = (try? JSONReader.read(request.body)) ?? .null
        if request.target.hasSuffix("/web/webclient/version_info") {
            return Self.rpc(["server_version": .string(version)])
        }
        let method = OdooExchange.method(of: request)
        let bearer = request.headers["Authorization"].map { String($0.dropFirst("bearer ".count)) }
        guard let key = bearer ?? body["params"]?["args"]?[2]?.string else { return Self.rpc(false) }
        let isJSON2 = request.target.contains("/json/2/")
        guard keys.contains(key) else {
            if isJSON2 { return Self.fault("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401) }
            if method == "authenticate" { return Self.rpc(false) }
            return Self.error("odoo.exceptions.AccessDenied", "Access Denied")
        }
        if method == "authenticate" { return Self.rpc(7) }
        if broken.remove(method) != nil { return Self.fault("odoo.exceptions.UserError", "not now", 422) }
        switch (method, hasMethods) {
        case ("generate", true):
            guard keys.contains(body["key"]?.string ?? "") else {
                return Self.fault("odoo.exceptions.UserError", "the key is not yours", 422)
            }
            let new = "new-key-0123456789-\(keys.count)"
            // One that the server loses again at once.
            if broken.remove("keep") == nil { keys.insert(new) }
            return HTTPResponse(status: 200, body: JSON.string(new).bytes)
        case ("revoke", true):
            keys.remove(body["key"]?.string ?? "")
            return HTTPResponse(status: 200, body: JSON.null.bytes)
        case ("generate", false), ("revoke", false):
            return isJSON2
                ? Self.fault("werkzeug.exceptions.NotFound", "no such method", 404)
                : Self.error("builtins.AttributeError", "no such method")
        default: return isJSON2 ? HTTPResponse(status: 200, body: JSON.int(1).bytes) : Self.rpc(1)
        }
    }

    private static func rpc(_ result: JSON) -> HTTPResponse {
        HTTPResponse(status: 200, body: JSON.object(["jsonrpc": "2.0", "id": 1, "result": result]).bytes)
    }
    private static func error(_ name: String, _ message: String) -> HTTPResponse {
        let data: JSON = ["name": .string(name), "message": .string(message), "debug": "Traceback"]
        return HTTPResponse(
            status: 200,
            body: JSON.object(["jsonrpc": "2.0", "id": 1, "error": ["code": 0, "data": data]]).bytes)
    }
    private static func fault(_ name: String, _ message: String, _ status: Int) -> HTTPResponse {
        HTTPResponse(
            status: status,
            body: JSON.object(["name": .string(name), "message": .string(message), "debug": "Traceback"]).bytes)
    }
}

/// The file that a secret is kept in.
private final class SecretFile: Sendable {
    private let text: Mutex<String>
    let isFull = Mutex(false)
    let history = Mutex<[String]>([])

    init(_ text: String) { self.text = Mutex(text) }

    var value: String { text.withLock { $0 } }
    func write(_ new: String) throws(Failure) {
        if isFull.withLock({ $0 }) { throw Failure(OdooFailures.keyRotation, "no space left") }
        text.withLock { $0 = new }
        history.withLock { $0.append(new) }
    }
}

@Suite("API keys")
struct OdooKeyTests {
    private static func address(_ secret: String) -> OdooAddress {
        OdooAddress(endpoint: "https://odoo.example.com", database: "plant", login: "mes", secret: secret)
    }

    private static func rotation(_ file: SecretFile, _ server: KeyOdoo) -> OdooKeyRotation {
        OdooKeyRotation(
            address: address(file.value), world: .test(server), read: { () throws(Failure) in file.value },
            write: { (key: String) throws(Failure) in try file.write(key) })
    }

    @Test(
        "a running connection takes a changed secret up at the first refusal, and only then",
        arguments: ["16.0", "19.0"])
    func renewal(_ version: String) async throws {
        let server = KeyOdoo(["old"], version: version)
        let file = SecretFile("old")
        let reads = LockedBox(0)
        var address = Self.address("old")
        address.renew = {
            reads.update { $0 += 1 }
            return file.value
        }
        let connection = OdooConnection(address, network: server)
        #expect(await Self.outcome(connection) == nil)
        try file.write("fresh-key")
        await server.add("fresh-key")
        // The old one still works, and nobody looks.
        #expect(await Self.outcome(connection) == nil)
        let before = reads.value
        #expect(version == "19.0" ? before == 0 : before <= 1)
        await server.revoke("old")
        // Several calls at once meet the refusal.
        let works = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { await Self.outcome(connection) == nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(works == 8)
        // Without a new one it stays refused, and the target is put off.
        await server.revoke("fresh-key")
        let failure = await Self.outcome(connection)
        #expect(failure?.kind == OdooFailures.credentials)
        #expect(failure.map { "\($0) \($0.detail ?? "")".contains("fresh-key") } == false)
    }

    /// What stands against a small call; nil where it is answered.
    private static func outcome(_ connection: OdooConnection) async -> Failure? {
        do {
            _ = try await connection.call(OdooCall("res.users", "search_count", ["domain": []], isWrite: false))
            return nil
        } catch {
            return error.failure
        }
    }

    @Test("a new key is made, written, tried, and then the old one revoked")
    func rotation() async throws {
        let (server, file) = (KeyOdoo(["old-key"]), SecretFile("old-key"))
        let report = try await Self.rotation(file, server).run(days: 60)
        let keys = await server.keys
        #expect(keys == [file.value] && file.value != "old-key" && report.kept == nil)
        #expect(report.ends == Instant(text: "2025-04-04T06:00:00Z"))
        #expect(!"\(report)".contains(file.value))
    }

    @Test(
        "wherever it stops, the key that is written down works, and no other is left",
        arguments: ["generate", "keep", "revoke", "full"])
    func interrupted(_ place: String) async throws {
        let (server, file) = (KeyOdoo(["old-key"]), SecretFile("old-key"))
        if place == "full" { file.isFull.withLock { $0 = true } }
        if place != "full" { await server.breakOnce(place) }
        do {
            let report = try await Self.rotation(file, server).run(days: 60)
            #expect(place == "revoke" && report.kept?.message.contains("not now") == true)
        } catch {
            #expect(["generate", "keep", "full"].contains(place), "\(error)")
            #expect(file.value == "old-key")
            #expect(!"\(error)".contains("key-0123456789"), "\(error)")
        }
        let keys = await server.keys
        #expect(keys.contains(file.value))
        #expect(keys.count == (place == "revoke" ? 2 : 1), "\(keys)")
    }

    @Test(
        "an Odoo without a public way says what to do by hand, and nothing is changed",
        arguments: ["16.0", "18.0", "19.0"])
    func byHand(_ version: String) async throws {
        let (server, file) = (KeyOdoo(["old-key"], version: version, hasMethods: false), SecretFile("old-key"))
        do {
            _ = try await Self.rotation(file, server).run(days: 60)
            Issue.record("a key was made")
        } catch {
            #expect(error.kind == OdooFailures.keyRotation && error.suggestion.contains("Account Security"), "\(error)")
        }
        #expect(file.value == "old-key" && file.history.withLock { $0.isEmpty })
    }

    @Test("of its end is spoken from thirty days before, the soonest first")
    func forecast() throws {
        let now = Instant(microseconds: 1_770_000_000_000_000)
        let day = Duration.seconds(86_400)
        let keys = [(90, "far"), (29, "soon"), (-1, "gone"), (30, "edge"), (3, "sooner"), (4, "fourth")].map {
            OdooFacts.Key(name: $0.1, end: now + day * $0.0)
        }
        let told = KeyForecast.ending(keys, now: now)
        #expect(told.map(\.key.name) == ["gone", "sooner", "fourth"])
        let failures = KeyForecast.failures(Array(keys.prefix(2)), login: "mes", now: now)
        #expect(failures.count == 1 && failures[0].kind == OdooFailures.keyEnds)
        #expect(failures[0].message.contains("\"soon\" of mes ends") && failures[0].message.contains("in 29 days"))
    }

    @Test("a target says beforehand that its user's key ends", arguments: Peer.standIns)
    func warnings(_ peer: Peer) async throws {
        let desk = peer.desk("warnings")
        #expect(try await desk.target.warnings().isEmpty)
    }
}
