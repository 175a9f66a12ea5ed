import Canonical
import Contracts
import ExactJSON

/// What polling knows of one model's records: decides which of the rows that Odoo shows are news. Pure.
///
/// Odoo shows `write_date` in whole seconds, stamps a transaction with its begin, and shows it when it is committed. So
/// rows are looked at again and again for as long as the overlap lasts, and a row is news where its watched values
/// differ from those that were seen last.
struct PollMemory: Sendable {
    /// Records remembered for one model; beyond that those that changed longest ago are forgotten.
    static let maximumEntries = 200_000
    /// Records that share a stored position.
    static let shard = 128

    struct Entry: Sendable, Hashable {
        /// `write_date` as Odoo shows it.
        var stamp: String
        var digest: String
        var isOpen: Bool
        /// The watched values, of open documents and of what changed within the overlap.
        var values: JSONObject?
    }

    let model: WatchedModel
    /// The watched fields that this Odoo has.
    let fields: [String]
    let overlap: Duration
    /// The company whose records these are; nil for all of the user's. Each has a memory of its own: what another
    /// company does not show was not deleted.
    let company: Int?
    /// Whether the records say whose they are; those that do not are shown to all.
    let hasCompany: Bool
    private(set) var entries: [Int: Entry] = [:]
    /// The latest `write_date` that was seen; nil before the first look.
    private(set) var since: String?
    /// ``since`` at the first look.
    private(set) var begun: String?
    /// Whether the first look saw all open documents.
    private(set) var isComplete = true
    private var touched: Set<Int> = []
    private var isTouched = false

    init(
        model: WatchedModel, fields: [String], overlap: Duration, company: Int? = nil, hasCompany: Bool = false
    ) {
        self.company = company
        self.hasCompany = hasCompany
        self.model = model
        self.fields = fields
        self.overlap = overlap
    }

    /// From where on rows are looked at.
    var window: String? { since.map(before) }

    private func before(_ stamp: String) -> String {
        Instant(text: stamp + "Z").map { ($0 - overlap).odooText } ?? stamp
    }

    /// Begins at that stamp; what is looked at next is known and no news.
    mutating func begin(at stamp: String, isComplete: Bool) {
        since = stamp
        begun = stamp
        self.isComplete = isComplete
        isTouched = true
    }

    // MARK: Looking

    /// Takes rows with `id`, `write_date`, `create_date`, `write_uid` and the watched fields; answers with what is new.
    mutating func look(_ rows: [JSON]) -> [OdooChange] {
        rows.compactMap { row in
            guard let id = row["id"]?.int, let stamp = row["write_date"]?.string else { return nil }
            if stamp > since ?? "" {
                since = stamp
                isTouched = true
            }
            let values = plain(row), digest = digest(values)
            let known = entries[id]
            let entry = Entry(stamp: stamp, digest: digest, isOpen: model.isOpen(values), values: values)
            guard known != entry else { return nil }
            keep(entry, id)
            let name = model.name
            let change = { (operation: OdooChange.Operation, changed: [String]?, before: JSONObject) in
                OdooChange(
                    model: name, id: id, operation: operation, changed: changed, before: before, values: values,
                    at: Instant(text: stamp + "Z") ?? Instant(microseconds: 0),
                    user: row["write_uid"].flatMap(OdooChange.link),
                    company: values["company_id"].flatMap(OdooChange.link),
                    identity: "\(stamp.replacing(" ", with: "T"))/\(name)/\(id)/\(digest)")
            }
            guard let known else {
                // What was there at the first look, and not open or within the overlap, was not remembered.
                let created = row["create_date"]?.string ?? ""
                if created >= before(begun ?? "") { return change(.create, fields, [:]) }
                let wasClosed = !model.closed.isEmpty && isComplete && !entry.isOpen
                return change(.write, wasClosed ? [] : nil, [:])
            }
            guard let old = known.values else {
                // Other fields are watched now: the stamp alone tells.
                let isComparable = known.digest.prefix(16) == digest.prefix(16)
                guard isComparable ? known.digest != digest : known.stamp != stamp else { return nil }
                return change(.write, nil, [:])
            }
            let changed = fields.filter { name in old[name].map { $0 != values[name] } ?? false }
            guard !changed.isEmpty else { return nil }
            return change(.write, changed, old.filter { changed.contains($0.key) })
        }
    }

    /// Takes rows as known; answers with them as they stand.
    mutating func baseline(_ rows: [JSON]) -> [OdooChange] {
        let begin = since
        defer { since = begin }
        return look(rows).map {
            OdooChange(
                model: $0.model, id: $0.id, operation: .baseline, changed: nil, values: $0.values, at: $0.at,
                user: $0.user,
                company: $0.company, identity: $0.identity)
        }
    }

    /// The records to ask for whether they are still there.
    var open: [Int] { entries.filter(\.value.isOpen).keys.sorted() }

    /// Takes records that are gone; answers with their deletion.
    mutating func lose(_ ids: [Int], at now: Instant) -> [OdooChange] {
        ids.compactMap { id in
            guard let entry = entries.removeValue(forKey: id) else { return nil }
            touched.insert(id / Self.shard)
            return OdooChange(
                model: model.name, id: id, operation: .unlink, changed: nil, values: entry.values ?? [:], at: now,
                identity: "\(entry.stamp.replacing(" ", with: "T"))/\(model.name)/\(id)/gone")
        }
    }

    /// Forgets the values of what is neither open nor within the overlap.
    mutating func settle() {
        guard let window else { return }
        for (id, entry) in entries where !entry.isOpen && entry.values != nil && entry.stamp < window {
            keep(Entry(stamp: entry.stamp, digest: entry.digest, isOpen: false, values: nil), id)
        }
        let surplus = entries.count - Self.maximumEntries
        guard surplus > 0 else { return }
        let oldest = entries.filter { !$0.value.isOpen && $0.value.stamp < window }
            .sorted { ($0.value.stamp, $0.key) < ($1.value.stamp, $1.key) }.prefix(surplus)
        for (id, _) in oldest {
            entries[id] = nil
            touched.insert(id / Self.shard)
        }
    }

    private mutating func keep(_ entry: Entry, _ id: Int) {
        entries[id] = entry
        touched.insert(id / Self.shard)
    }

    /// The watched values with bare ids for what points to one record.
    private func plain(_ row: JSON) -> JSONObject {
        var values: JSONObject = [:]
        for field in fields {
            guard let value = row[field] else { continue }
            let isLink = value.array?.count == 2 && value[0]?.int != nil && value[1]?.string != nil
            values[field] = isLink ? value[0] : value
        }
        return values
    }

    /// 64 bits of which fields, and 64 of what they hold (FNV-1a), in hexadecimal.
    private func digest(_ values: JSONObject) -> String {
        FNV.hex(Array(fields.joined(separator: " ").utf8))
            + FNV.hex(JSON.array(fields.map { values[$0] ?? .null }).bytes)
    }
}

// MARK: - Keeping

extension PollMemory {
    static func name(_ model: String, company: Int?) -> String {
        "poll/\(model)" + (company.map { "@\($0)" } ?? "")
    }
    static func name(_ model: String, company: Int?, shard: Int) -> String {
        "\(name(model, company: company))/\(shard)"
    }

    /// What else must hold of the records that are looked for, as terms of a domain. Odoo's own rules for companies
    /// leave out some models, and those of customisations.
    var scope: [JSON] {
        guard let company, hasCompany else { return [] }
        return [["company_id", "in", [false, .int(company)]]]
    }

    /// The positions that changed since they were asked for last.
    mutating func takePositions() -> [SourcePosition] {
        guard isTouched || !touched.isEmpty else { return [] }
        let byShard = Dictionary(grouping: entries.keys.filter { touched.contains($0 / Self.shard) }) {
            $0 / Self.shard
        }
        var positions = touched.sorted().map { shard in
            var members: JSONObject = [:]
            for id in (byShard[shard] ?? []).sorted() { members[String(id)] = entries[id]?.json }
            return SourcePosition(
                name: Self.name(model.name, company: company, shard: shard), value: members.isEmpty ? .null : .object(members))
        }
        let shards = Set(entries.keys.map { $0 / Self.shard }).sorted()
        var index: JSONObject = ["shards": .array(shards.map { .int($0) }), "complete": .bool(isComplete)]
        index["since"] = since.map { .string($0) }
        index["begun"] = begun.map { .string($0) }
        positions.append(SourcePosition(name: Self.name(model.name, company: company), value: .object(index)))
        touched = []
        isTouched = false
        return positions
    }

    /// The shards that an index position names.
    static func shards(_ index: JSON) -> [Int] { index["shards"]?.array?.compactMap(\.int) ?? [] }

    /// Takes up what was kept.
    mutating func restore(_ index: JSON, _ shards: [JSON]) {
        since = index["since"]?.string
        begun = index["begun"]?.string
        isComplete = index["complete"]?.bool ?? false
        for shard in shards {
            for (id, value) in shard.object ?? [:] {
                if let id = Int(id), let entry = Entry(value) { entries[id] = entry }
            }
        }
    }
}

extension PollMemory.Entry {
    fileprivate var json: JSON {
        [.string(stamp), .string(digest), .bool(isOpen), values.map { .object($0) } ?? .null]
    }

    fileprivate init?(_ json: JSON) {
        guard let stamp = json[0]?.string, let digest = json[1]?.string, let isOpen = json[2]?.bool else { return nil }
        self.init(stamp: stamp, digest: digest, isOpen: isOpen, values: json[3]?.object)
    }
}

/// FNV-1a, 64 bits: tells values apart that nobody chooses to collide.
enum FNV {
    static func hex(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
