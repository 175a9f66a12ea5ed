import Contracts
import ExactJSON

/// Where a look at Odoo tells whether a plan's steps have had their effect. Pure.
struct PlanEvidence: Sendable, Hashable {
    enum Subject: Sendable, Hashable {
        case record(Int)
        /// The record is made by the plan, under this name (``ExternalID``).
        case externalID(String)
        /// The record is made by the plan, and the only one that matches the domain.
        case matching(JSON)
        /// No look is needed: what is done twice is done once.
        case repeatable
        /// No look can tell.
        case unknowable
    }

    /// A field whose value tells.
    struct Mark: Sendable, Hashable {
        let field: String
        /// Its values where the effect is there; without any, whatever is not empty.
        let done: [String]
        /// Its values where nobody can tell any more.
        let lost: [String]

        /// A value as the lists hold it; nil where the field is not there.
        static func word(_ value: JSON?) -> String? { value.map { $0.string ?? $0.description } }
    }

    let model: String
    let subject: Subject
    var mark: Mark?
    /// Numbers. Without a mark they tell by themselves; with one they must have come where it says "done".
    var changes: [ValueChange] = []
    /// Whether a record that is not there any more leaves nothing to do.
    var isDoneWhenGone = false

    enum Standing: Sendable, Hashable {
        case done
        case notDone
        /// Something else stands there.
        case elsewhere(String)
    }

    /// The fields that must be read of the subject itself.
    var fields: [String] {
        (mark.map { [$0.field] } ?? []) + (changes.isEmpty || mark == nil ? [] : changes.map(\.field))
    }

    /// What the subject's row says; `row` is nil where the record is not there.
    func standing(_ row: OdooRow?) throws(OdooError) -> Standing {
        guard let row else {
            if isDoneWhenGone { return .done }
            guard case .record(let id) = subject else { return .notDone }
            return .elsewhere("\(model) #\(id) is gone")
        }
        guard let mark else { return .done }
        let value = Mark.word(row.json[mark.field])
        if let value, mark.lost.contains(value) { return .elsewhere("\(mark.field) of \(words) is \(value)") }
        guard let value, mark.done.isEmpty ? row.json[mark.field] != false : mark.done.contains(value) else {
            return .notDone
        }
        for change in changes {
            let now = try Exact.snap(row.number(change.field), to: change.step)
            guard now == change.after else {
                return .elsewhere(
                    "\(mark.field) of \(words) is \(value) and \(change.field) is \(now), should be \(change.after)")
            }
        }
        return .done
    }

    private var words: String {
        switch subject {
        case .record(let id): "\(model) #\(id)"
        case .externalID(let name): "\(model) \(name)"
        case .matching, .repeatable, .unknowable: model
        }
    }
}

extension OdooPlan {
    /// The record that it is about, where that was there before; nil where the plan makes it.
    var record: OdooRecord? {
        if case .record(let id) = evidence.subject { return OdooRecord(evidence.model, id) }
        return OdooRecord(reference: acceptance.reference)
            ?? evidence.changes.first.map { OdooRecord($0.model, $0.id) }
    }
}

/// One number that a plan changes.
struct ValueChange: Sendable, Hashable {
    let model: String
    let id: Int
    let field: String
    /// What was read, as it was read: a number, or whether a box is ticked.
    let seen: JSON
    /// What was read, rounded to the step.
    let before: ExactNumber
    let after: ExactNumber
    /// What Odoo rounds to.
    let step: ExactNumber

    /// Compares what was read with what was intended.
    static func standing(_ changes: [ValueChange], observed: [ExactNumber?]) throws(OdooError) -> PlanEvidence.Standing
    {
        var isBefore = true
        var isAfter = true
        var words: [String] = []
        for (change, value) in zip(changes, observed) {
            guard let value else { return .elsewhere("\(change.model) #\(change.id) is gone") }
            let now = try Exact.snap(value, to: change.step)
            isBefore = isBefore && now == change.before
            isAfter = isAfter && now == change.after
            words.append(
                "\(change.field) of \(change.model) #\(change.id) is \(now), was \(change.before), should become "
                    + "\(change.after)"
            )
        }
        if isAfter { return .done }
        return isBefore ? .notDone : .elsewhere(words.joined(separator: "; "))
    }
}

extension PlanEvidence {
    var json: JSON {
        var json: JSON = ["model": .string(model), "changes": .array(changes.map(\.json))]
        switch subject {
        case .record(let id): json["id"] = .int(id)
        case .externalID(let name): json["externalID"] = .string(name)
        case .matching(let domain): json["where"] = domain
        case .repeatable: json["told"] = "repeatable"
        case .unknowable: json["told"] = "unknowable"
        }
        if let mark {
            json["field"] = .string(mark.field)
            json["done"] = .array(mark.done.map { .string($0) })
            json["lost"] = .array(mark.lost.map { .string($0) })
        }
        if isDoneWhenGone { json["doneWhenGone"] = true }
        return json
    }

    /// Reads what ``json`` wrote; nil for anything else.
    init?(_ json: JSON) {
        guard let model = json["model"]?.string, let list = json["changes"]?.array else { return nil }
        let changes = list.compactMap(ValueChange.init)
        guard changes.count == list.count else { return nil }
        if let id = json["id"]?.int {
            self.init(model: model, subject: .record(id))
        } else if let name = json["externalID"]?.string {
            self.init(model: model, subject: .externalID(name))
        } else if let domain = json["where"] {
            self.init(model: model, subject: .matching(domain))
        } else if let told = json["told"]?.string, ["repeatable", "unknowable"].contains(told) {
            self.init(model: model, subject: told == "repeatable" ? .repeatable : .unknowable)
        } else {
            return nil
        }
        self.changes = changes
        isDoneWhenGone = json["doneWhenGone"]?.bool ?? false
        if let field = json["field"]?.string {
            mark = Mark(
                field: field, done: json["done"]?.array?.compactMap(\.string) ?? [],
                lost: json["lost"]?.array?.compactMap(\.string) ?? [])
        }
    }
}

extension ValueChange {
    var json: JSON {
        [
            "model": .string(model), "id": .int(id), "field": .string(field), "seen": seen, "before": .number(before),
            "after": .number(after), "step": .number(step),
        ]
    }

    /// Reads what ``json`` wrote; nil for anything else.
    init?(_ json: JSON) {
        guard let model = json["model"]?.string, let id = json["id"]?.int, let field = json["field"]?.string,
            let seen = json["seen"], let before = json["before"]?.number, let after = json["after"]?.number,
            let step = json["step"]?.number
        else { return nil }
        self.init(
            model: model, id: id, field: field, seen: seen, before: before, after: after, step: step)
    }
}
