import Canonical
import ExactJSON

/// One change of one record in Odoo, however it was learned.
struct OdooChange: Sendable, Hashable {
    enum Operation: String, Sendable {
        case create, write, unlink
        /// The record as it stands: nothing happened to it.
        case baseline
    }

    let model: String
    let id: Int
    let operation: Operation
    /// The watched fields that changed; nil where it is not known what the record was before.
    let changed: [String]?
    /// The values of ``changed`` before it.
    let before: JSONObject
    /// All watched fields after the change; of a deleted record the last ones known.
    let values: JSONObject
    let at: Instant
    /// The id of the Odoo user.
    let user: Int?
    let company: Int?
    /// Names the change within its database: unique, ascending with the time, the same when it is read again.
    let identity: String
    /// The source that wrote it through the companion addon's inbox; nil for everybody else.
    let origin: String?

    /// What every Millwright calls itself when it writes.
    static let own = "millwright/"

    /// Whether Millwright itself wrote it.
    var isOwn: Bool { origin?.hasPrefix(Self.own) ?? false }

    init(
        model: String, id: Int, operation: Operation, changed: [String]?, before: JSONObject = [:],
        values: JSONObject, at: Instant, user: Int? = nil, company: Int? = nil, identity: String, origin: String? = nil
    ) {
        self.model = model
        self.id = id
        self.operation = operation
        self.changed = changed
        self.before = before
        self.values = values
        self.at = at
        self.user = user
        self.company = company
        self.identity = identity
        self.origin = origin
    }

    /// Reads a row of the companion addon's outbox; nil for any other shape.
    ///
    /// The identity is made of the instant and the record, not of the row's position: a restored database counts its
    /// positions anew, and what is read from it again must be known again.
    init?(outbox row: JSON) {
        guard let model = row["model"]?.string, let id = row["id"]?.int, let stamp = row["at"]?.string,
            let at = Instant(text: stamp), let operation = row["operation"]?.string.flatMap(Operation.init)
        else { return nil }
        self.init(
            model: model, id: id, operation: operation, changed: row["changed"]?.array?.compactMap(\.string),
            before: row["before"]?.object ?? [:], values: row["values"]?.object ?? [:], at: at,
            user: row["user"]?.int, company: row["company"]?.int, identity: "\(at)/\(model)/\(id)",
            origin: row["origin"]?.string)
    }

    /// Whether it is of this company or of no company; of any where none is asked for.
    func isOf(_ company: Int?) -> Bool { company == nil || self.company == nil || self.company == company }

    /// Text of a field, or nil where it is empty.
    func text(_ field: String) -> String? { values[field]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    func number(_ field: String) -> ExactNumber? { values[field]?.number?.trimmed() }
    /// The id behind a many2one.
    func link(_ field: String) -> Int? { values[field].flatMap(Self.link) }
    func instant(_ field: String) -> Instant? { text(field).flatMap { Instant(text: $0 + "Z") } }
    /// The first of these fields, whose names differ by version, that has a value.
    func number(first names: String...) -> ExactNumber? { names.lazy.compactMap { self.number($0) }.first }
    func link(first names: String...) -> Int? { names.lazy.compactMap { self.link($0) }.first }
    func instant(first names: String...) -> Instant? { names.lazy.compactMap { self.instant($0) }.first }

    /// The id of a many2one, bare or as `[id, label]`.
    static func link(_ value: JSON) -> Int? { value.int ?? value[0]?.int }

    /// Whether the record's `field` came into one of these values with this change. Where it is not known what it was
    /// before, `ifUnknown` decides.
    func entered(_ field: String, _ values: Set<String>, ifUnknown: Bool = true) -> Bool {
        guard let now = text(field), values.contains(now), operation != .unlink else { return false }
        guard operation == .write else { return true }
        guard let changed else { return ifUnknown }
        return changed.contains(field) && !values.contains(before[field]?.string ?? "")
    }

    /// Whether one of these fields changed, or may have.
    func touches(_ fields: Set<String>) -> Bool { changed.map { !fields.isDisjoint(with: $0) } ?? true }
}
