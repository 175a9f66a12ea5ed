import Canonical
import Contracts
import ExactJSON
import World

/// Asks Odoo again and again what changed, model by model, where the companion addon is not there.
struct ChangePoller {
    /// Rows of one call: with one event each.
    static let page = 200
    /// Records that are looked for in one call; a look goes on until there are no more.
    static let part = 20_000
    /// Open documents that are known from the beginning; of further ones it is not known what they were.
    static let maximumOpen = 20_000

    let connection: OdooConnection
    let options: ChangesOptions
    let clock: any WorldClock
    /// Hands changes in with the positions behind them; returns when they are stored.
    let submit: ([OdooChange], [SourcePosition]) async throws -> Void
    private var memories: [PollMemory] = []
    private var nextSweep: Duration?

    init(
        connection: OdooConnection, options: ChangesOptions, clock: any WorldClock,
        submit: @escaping ([OdooChange], [SourcePosition]) async throws -> Void
    ) {
        self.connection = connection
        self.options = options
        self.clock = clock
        self.submit = submit
    }

    /// Finds out what this Odoo has of the watched models and takes up what is known of them; a model that is new to
    /// this source gets its first look.
    mutating func prepare(position: (String) async throws -> JSON?) async throws {
        memories = []
        let company = try await connection.company()
        for model in options.polled {
            guard let (fields, hasCompany) = try await fields(of: model) else { continue }
            var memory = PollMemory(
                model: model, fields: fields, overlap: options.overlap, company: company, hasCompany: hasCompany)
            if let index = try await position(PollMemory.name(model.name, company: company)) {
                var shards: [JSON] = []
                for shard in PollMemory.shards(index) {
                    let name = PollMemory.name(model.name, company: company, shard: shard)
                    if let value = try await position(name) {
                        shards.append(value)
                    }
                }
                memory.restore(index, shards)
            } else {
                try await firstLook(&memory)
            }
            memories.append(memory)
        }
    }

    /// One look at every model.
    mutating func look() async throws {
        for index in memories.indices { try await look(&memories[index]) }
        let now = clock.uptime()
        guard now >= nextSweep ?? .zero else { return }
        nextSweep = now + options.sweep
        for index in memories.indices { try await sweep(&memories[index]) }
    }

    // MARK: One model

    /// The watched fields that exist, and whether records belong to a company; nil where the app is not installed or
    /// the user may not read it, unless the settings name the model.
    private func fields(of model: WatchedModel) async throws -> (names: [String], hasCompany: Bool)? {
        do throws(OdooError) {
            let known = try await connection.call(
                OdooCall(model.name, "fields_get", named: ["attributes": ["type", "store"]], isWrite: false))
            _ = try await connection.call(
                OdooCall(model.name, "search", ["domain": []], named: ["limit": 1], isWrite: false))
            let company = known["company_id"]
            return (
                model.fields.filter { known[$0] != nil },
                company?["type"]?.string == "many2one" && company?["store"]?.bool == true
            )
        } catch {
            guard error.verdict == .rejected, error.failure.kind != OdooFailures.answerTooLarge,
                !options.isNamed(model.name)
            else { throw error }
            return nil
        }
    }

    private func firstLook(_ memory: inout PollMemory) async throws {
        let model = memory.model.name
        let newest = try await connection.rows(
            .find(
                model, .array(memory.scope), ["write_date"], order: "write_date desc, id desc", limit: 1, archived: true
            ))
        // Without any record the beginning of time is as good.
        let stamp = newest.first?.text("write_date") ?? "1970-01-02 00:00:00"
        var begin = Instant(microseconds: 0)
        var open: [Int] = []
        if options.start != .beginning {
            begin = Instant(text: stamp + "Z").map { $0 - options.overlap } ?? begin
            if let domain = memory.model.openDomain(memory.fields) {
                open = try await search(memory, domain, order: "id desc", limit: Self.maximumOpen)
            }
        }
        memory.begin(at: stamp, isComplete: open.count < Self.maximumOpen)
        try await baseline(&memory, open.reversed())
        var walk = ChangeWalk(from: begin.odooText, limit: Self.part)
        while let ids = try await next(in: &walk, memory) {
            try await baseline(&memory, ids)
            memory.settle()
        }
        // Stored at the end alone: a first look that was cut off begins anew.
        try await submit([], memory.takePositions())
    }

    /// Takes records as known; they are told of where the source begins at the beginning.
    private func baseline(_ memory: inout PollMemory, _ ids: [Int]) async throws {
        for page in ids.chunked(Self.page) {
            let known = memory.baseline(try await read(memory, page))
            if options.start == .beginning { try await submit(known, []) }
        }
    }

    private func look(_ memory: inout PollMemory) async throws {
        guard let window = memory.window else { return }
        var walk = ChangeWalk(from: window, limit: Self.part)
        while let ids = try await next(in: &walk, memory) {
            for page in ids.chunked(Self.page) {
                let changes = memory.look(try await read(memory, page))
                let positions = memory.takePositions()
                if !changes.isEmpty || !positions.isEmpty { try await submit(changes, positions) }
            }
            memory.settle()
        }
    }

    /// Asks for the open documents whether they are still there.
    private func sweep(_ memory: inout PollMemory) async throws {
        for page in memory.open.chunked(1_000) {
            let ids: JSON = [["id", "in", .array(page.map { .int($0) })]]
            let there = Set(try await search(memory, ids, order: "id", limit: page.count))
            let gone = memory.lose(page.filter { !there.contains($0) }, at: clock.now())
            if !gone.isEmpty { try await submit(gone, memory.takePositions()) }
        }
    }

    // MARK: Calls

    /// The ids of a walk's next part; nil at its end.
    private func next(in walk: inout ChangeWalk, _ memory: PollMemory) async throws(OdooError) -> [Int]? {
        guard let (domain, order) = walk.next else { return nil }
        let rows = try await connection.rows(
            .find(
                memory.model.name, .array(memory.scope + domain), ["write_date"], order: order, limit: walk.limit,
                archived: true))
        return walk.take(rows.map { .init(id: $0.id, stamp: $0.text("write_date") ?? "") })
    }

    private func search(
        _ memory: PollMemory, _ domain: JSON, order: String, limit: Int
    ) async throws(OdooError) -> [Int] {
        try await connection.call(
            OdooCall(
                memory.model.name, "search", ["domain": .array(memory.scope + (domain.array ?? []))],
                named: ["order": .string(order), "limit": .int(limit)],
                context: ["active_test": false], isWrite: false)
        ).array?.compactMap(\.int) ?? []
    }

    /// The rows of a page in its order; what was deleted meanwhile is left out.
    private func read(_ memory: PollMemory, _ ids: [Int]) async throws(OdooError) -> [JSON] {
        let fields = memory.fields + ["write_date", "write_uid", "create_date"]
        let rows = try await connection.rows(
            .find(
                memory.model.name, [["id", "in", .array(ids.map { .int($0) })]], fields, limit: ids.count,
                archived: true))
        let byID = Dictionary(rows.map { ($0.id, $0.json) }, uniquingKeysWith: { $1 })
        return ids.compactMap { byID[$0] }
    }
}

extension Array {
    /// The elements in their order, in parts of at most `size`.
    fileprivate func chunked(_ size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
