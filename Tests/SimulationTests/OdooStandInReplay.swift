import Canonical
import ExactJSON
import World

@testable import OdooStandIn

/// Plays the recorded requests of one version against a stand-in and counts which answers are the same.
struct Replay {
    enum Outcome: Equatable {
        case reproduced
        case different(String)
        case skipped(String)
    }

    let version: OdooStandInVersion
    let exchanges: [RecordedExchange]
    /// What the answers are compared with: the recording, unless a test shows something else.
    private let shown: [RecordedExchange]
    var standIn: OdooStandIn
    var unifier: Unifier
    /// Rows and labels of records that the recording shows, for records that were there before it began.
    let facts: Facts
    private var clock: Int64 = 1_795_227_000_234_586  // 2026-11-21 02:10:00.234586 UTC
    // What the preparation remembers between its steps.
    var suffix = "x"
    var names: [String: Int] = [:]
    var pending = 0
    var firstSerial = 0
    var lastSerial = 0
    var foreignLot = 0
    private var played = 0
    private(set) var outcomes: [(exchange: RecordedExchange, outcome: Outcome, sameWords: Bool?)] = []

    init(version: OdooStandInVersion, exchanges: [RecordedExchange], shown: [RecordedExchange]) {
        self.shown = shown
        self.version = version
        self.exchanges = exchanges
        // The users had the ids 2 (admin), then 7 and 8, up to 18 8 and 9.
        var users = [OdooStandInSettings.demoUsers[0]]
        while users.count < (version == .v19 ? 5 : 6) {
            users.append(
                .init(login: "user\(users.count)", password: "", name: "User \(users.count)", role: .internalOnly))
        }
        users += OdooStandInSettings.demoUsers[1...]
        var settings = OdooStandInSettings(database: "mfg\(version.rawValue)", users: users)
        settings.hasEarlyLotCreate = version == .v18
        standIn = OdooStandIn(
            version: version, settings: settings, installed: Instant(microseconds: clock - 600_000_000))
        unifier = Unifier(registry: standIn.registry)
        facts = Facts(exchanges, registry: standIn.registry)
        for user in 0..<users.count { unifier.bind("res.users", user + 2, to: user + 2) }
    }

    mutating func run() {
        bindInstalled()
        for (exchange, shown) in zip(exchanges, shown) {
            let (outcome, sameWords) = play(exchange, shown)
            outcomes.append((shown, outcome, sameWords))
        }
    }

    /// Binds what an installation brings along, by the names under which the recording shows it.
    private mutating func bindInstalled() {
        for (model, label) in facts.labels.keys.map({ ($0.model, $0.id) }).sorted(by: { $0 < $1 })
        where Self.installed.contains(model) {
            guard let shown = facts.labels[Facts.Key(model: model, id: label)], let own = find(model, named: shown)
            else { continue }
            unifier.bind(model, label, to: own)
        }
        let stock = version == .v19 ? 5 : 8
        unifier.bind("stock.location", stock, to: find("stock.location", named: "WH/Stock") ?? 0)
        unifier.bind("res.company", 1, to: 1)
        unifier.bind("uom.uom", 1, to: 1)
        unifier.bind("maintenance.team", 1, to: 1)
        for loss in 1...7 { unifier.bind("mrp.workcenter.productivity.loss", loss, to: loss) }
        for stage in 1...4 { unifier.bind("maintenance.stage", stage, to: stage) }
        let production = version == .v19 ? "Production" : "Virtual Locations/Production"
        unifier.bind("stock.location", 15, to: find("stock.location", named: production) ?? 0)
    }

    private static let installed: Set<String> = [
        "stock.location", "res.company", "uom.uom", "maintenance.stage", "maintenance.team",
    ]

    func find(_ model: String, named name: String) -> Int? {
        var result: Int?
        var copy = standIn
        copy.withEnvironment(uid: 1, now: Instant(microseconds: clock)) { env in
            result = env.table(model).ids.first { env.displayName(model, $0) == name }
        }
        return result
    }

    // MARK: One exchange

    private mutating func play(_ exchange: RecordedExchange, _ shown: RecordedExchange) -> (Outcome, Bool?) {
        if let reason = Scope.reason(exchange, registry: standIn.registry) { return (.skipped(reason), nil) }
        prepare(exchange)
        guard let request = translated(exchange) else {
            let missing = unifier.unknown.first.map { "\($0.model) \($0.id)" } ?? "?"
            return (.skipped("needs \(missing), made outside the recording"), nil)
        }
        // The clock goes slowly, as the drivers went fast: durations stay near 0. Stamps keep their fraction.
        played += 1
        if played % 50 == 0 { clock += 1_000_000 }
        let response = standIn.handle(request, now: Instant(microseconds: clock))
        if shown.isAltered {
            // The true answer is learned from all the same, so that each alteration stands alone.
            var attempt = self
            let difference = attempt.compare(shown, response)
            _ = compare(exchange, response)
            return (difference.map { .different($0) } ?? .reproduced, nil)
        }
        if let difference = compare(exchange, response) { return (.different(difference), nil) }
        return (.reproduced, sameWords(exchange, response))
    }

    /// The request with our ids; nil where it names records that nothing shows how to make.
    private mutating func translated(_ exchange: RecordedExchange) -> HTTPRequest? {
        for attempt in 0..<2 {
            unifier.unknown = []
            let body = translatedBody(exchange)
            if unifier.unknown.isEmpty {
                var headers: [(name: String, value: String)] = exchange.headers.map {
                    ($0.name, Self.withKeys($0.value))
                }
                if exchange.transport == "jsonrpc", exchange.call != nil, headers.isEmpty {
                    headers = [("Content-Type", "application/json")]
                }
                return HTTPRequest(
                    method: exchange.method, target: exchange.path, headers: HTTPHeaders(headers),
                    body: Self.bytes(body))
            }
            if attempt == 0 { for (model, id) in unifier.unknown { seed(model, id) } }
        }
        return nil
    }

    private static func bytes(_ body: JSON) -> [UInt8] {
        if body.isNull { return [] }
        if let text = body.string { return Array(text.utf8) }
        var bytes: [UInt8] = []
        JSONWriter.write(body, to: &bytes)
        return bytes
    }

    private static func withKeys(_ text: String) -> String {
        guard let start = text.range(of: "<api key of "), let end = text.range(of: ">") else { return text }
        return text[..<start.lowerBound] + "key-" + text[start.upperBound..<end.lowerBound]
    }

    private mutating func translatedBody(_ exchange: RecordedExchange) -> JSON {
        guard let (name, method) = exchange.call, let model = standIn.registry[name] else {
            return Self.replacingKey(exchange.body)
        }
        if exchange.path.hasPrefix("/json/2/") {
            guard let named = exchange.body.object else { return exchange.body }
            return .object(unifier.translate(named: named, of: model, method: method))
        }
        var body = exchange.body
        guard var arguments = body["params"]?["args"]?.array else { return body }
        arguments[2] = .string(Self.withKeys(arguments[2].string ?? ""))
        let isPlain = body["params"]?["method"] == "execute"
        let positional = isPlain ? Array(arguments[5...]) : arguments.count > 5 ? arguments[5].array ?? [] : []
        let own = translate(positional, of: model, method: method)
        if isPlain {
            arguments = Array(arguments[..<5]) + own
        } else if arguments.count > 5 {
            arguments[5] = .array(own)
        }
        if !isPlain, arguments.count > 6, let named = arguments[6].object {
            arguments[6] = .object(unifier.translate(named: named, of: model, method: method))
        }
        body["params"]?["args"] = .array(arguments)
        return body
    }

    private static func replacingKey(_ body: JSON) -> JSON {
        guard var arguments = body["params"]?["args"]?.array else { return body }
        arguments = arguments.map { $0.string.map { .string(withKeys($0)) } ?? $0 }
        var body = body
        body["params"]?["args"] = .array(arguments)
        return body
    }

    private mutating func translate(_ positional: [JSON], of model: OdooModel, method: String) -> [JSON] {
        guard let signature = model.methods[method] else {
            return positional.enumerated().map { $0 == 0 ? unifier.translate(ids: $1, of: model.name) : $1 }
        }
        var rest = positional[...]
        var own: [JSON] = []
        if signature.takesIDs, let first = rest.popFirst() { own.append(unifier.translate(ids: first, of: model.name)) }
        let fields = method == "load" ? rest.first ?? [] : []
        for parameter in signature.parameters {
            guard let value = rest.popFirst() else { break }
            own.append(
                method == "load" && parameter.name == "data"
                    ? unifier.translate(rows: value, fields: fields, of: model)
                    : unifier.translate(argument: parameter.name, value, of: model, method: method))
        }
        for value in rest { own.append(unifier.translate(argument: "vals_list", value, of: model, method: method)) }
        return own
    }

    // MARK: Comparing

    /// What differs; nil where nothing does.
    private mutating func compare(_ exchange: RecordedExchange, _ response: HTTPResponse) -> String? {
        guard response.status == exchange.status else { return "status \(response.status) for \(exchange.status ?? 0)" }
        let own = (try? JSONReader.read(response.body)) ?? .string(String(decoding: response.body, as: UTF8.self))
        if let text = exchange.answer.string, text.hasPrefix("<") || !text.hasPrefix("{") {
            // Pages: that it is one, and plain texts word by word.
            if text.hasPrefix("<") { return own.string?.hasPrefix("<") == true ? nil : "no page" }
            return own.string == text || exchange.answer == own ? nil : "other text"
        }
        if exchange.transport == "jsonrpc" || exchange.answer["jsonrpc"] != nil { return compareRPC(exchange, own) }
        if let name = exchange.answer["name"], exchange.answer["debug"] != nil {
            return own["name"] == name && own["debug"] != nil
                ? nil : "error \(own["name"]?.string ?? "none") for \(name.string ?? "")"
        }
        if let call = exchange.call {
            let result = same(exchange.answer, own, call)
            return result ? nil : "other result \(Self.short(own)) for \(Self.short(exchange.answer))"
        }
        return unifier.same(plain: exchange.answer, own) ? nil : "other body \(Self.short(own))"
    }

    private mutating func compareRPC(_ exchange: RecordedExchange, _ own: JSON) -> String? {
        let recorded = exchange.answer
        guard recorded["id"] == own["id"], recorded["jsonrpc"] == own["jsonrpc"] else { return "other envelope" }
        if let error = recorded["error"] {
            guard own["error"]?["data"]?["name"] == error["data"]?["name"], own["error"]?["code"] == error["code"],
                own["error"]?["message"] == error["message"]
            else {
                return
                    "error \(own["error"]?["data"]?["name"]?.string ?? "none") for "
                    + Self.short(error["data"]?["name"] ?? "")
            }
            return nil
        }
        if let error = own["error"] { return "error \(Self.short(error["data"]?["message"] ?? .null))" }
        guard let result = recorded["result"] else { return own["result"] == nil ? nil : "a result for None" }
        guard let mine = own["result"] else { return "None for a result" }
        let agrees = exchange.call.map { same(result, mine, $0) } ?? unifier.same(plain: result, mine)
        return agrees ? nil : "other result \(Self.short(mine)) for \(Self.short(result))"
    }

    private mutating func same(_ recorded: JSON, _ own: JSON, _ call: (model: String, method: String)) -> Bool {
        // A difference must not leave half of its bindings behind.
        var attempt = unifier
        guard attempt.same(result: recorded, own, call: call, request: nil) else {
            // The ids of a created record are learned all the same, so that one difference counts once.
            if call.method == "create", let a = recorded.int, let b = own.int { _ = unifier.unify(call.model, a, b) }
            return false
        }
        unifier = attempt
        return true
    }

    /// Whether an error has the same words, ids and numbers of sequences aside; nil where there is no error.
    private mutating func sameWords(_ exchange: RecordedExchange, _ response: HTTPResponse) -> Bool? {
        guard let own = try? JSONReader.read(response.body) else { return nil }
        let a =
            exchange.answer["error"]?["data"]?["message"]
            ?? (exchange.answer["debug"] == nil ? nil : exchange.answer["message"])
        let b = own["error"]?["data"]?["message"] ?? own["message"]
        guard let a = a?.string, let b = b?.string else { return nil }
        func words(_ text: String) -> String { String(text.filter { !$0.isNumber }) }
        return words(a) == words(b)
    }

    private static func short(_ json: JSON) -> String {
        String(String(decoding: bytes(json), as: UTF8.self).prefix(700))
    }

    // MARK: Calls of our own, to make what the recording takes as given

    /// Calls as the administrator; a failure of a preparation shows in what follows.
    @discardableResult
    mutating func call(_ model: String, _ method: String, _ arguments: [JSON], _ context: JSON = [:]) -> JSON {
        let body: JSON = [
            "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": [
                "service": "object", "method": "execute_kw",
                "args": [
                    .string(standIn.settings.database), 2, "admin", .string(model), .string(method), .array(arguments),
                    ["context": context],
                ],
            ],
        ]
        let request = HTTPRequest(
            method: "POST", target: "/jsonrpc", headers: ["Content-Type": "application/json"], body: Self.bytes(body))
        let response = standIn.handle(request, now: Instant(microseconds: clock))
        return (try? JSONReader.read(response.body))?["result"] ?? .null
    }
}
