import Contracts
import ExactJSON

/// A step of a document's life: the method that brings it from some states into others.
struct StateMove: Sendable {
    let method: FieldName
    var field: FieldName = "state"
    /// States in which the step is taken.
    let from: [String]
    /// The states that it leads to, and those beyond: there is nothing left to do.
    let to: [String]
    /// States in which nobody can tell any more whether it was taken.
    var lost: [String] = ["cancel"]
    /// What keeps Odoo from asking a person.
    var context: JSONObject = [:]

    func name(_ dialect: OdooDialect) throws(OdooError) -> (field: String, method: String) {
        guard let field = field.name(dialect), let method = method.name(dialect) else {
            throw .reject(OdooFailures.notInVersion, "Odoo \(dialect.version) has no such step")
        }
        return (field, method)
    }

    /// The call on records that still need it, and the look whether it did what it should: its answer does not tell.
    func steps(_ model: String, _ ids: JSON, _ dialect: OdooDialect) throws(OdooError) -> [PlanStep] {
        let (field, method) = try name(dialect)
        return [
            .call(
                model: model, method: method, ids: ids, arguments: [:], context: context,
                when: [[.string(field), "in", Self.values(from)]], alias: nil),
            .guarded(
                model: model, ids: ids, domain: [[.string(field), "in", Self.values(to)]],
                refusal: .code(OdooFailures.notReached.code)),
        ]
    }

    func mark(_ dialect: OdooDialect) throws(OdooError) -> PlanEvidence.Mark {
        PlanEvidence.Mark(field: try name(dialect).field, done: to, lost: lost)
    }

    private static func values(_ words: [String]) -> JSON {
        .array(words.map { ["true": true, "false": false][$0] ?? .string($0) })
    }
}
