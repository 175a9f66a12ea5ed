import ExactJSON

/// A model: its fields, who may do what, and what it does at create, write and unlink.
final class OdooModel: Sendable {
    typealias Prepare = @Sendable (inout OdooEnvironment, inout OdooValues) throws(OdooFault) -> Void
    typealias Created = @Sendable (inout OdooEnvironment, Int, Set<String>) throws(OdooFault) -> Void
    typealias PassedOn = @Sendable (inout OdooEnvironment, Int, OdooValues) throws(OdooFault) -> Void
    typealias Writing = @Sendable (inout OdooEnvironment, [Int], inout OdooValues) throws(OdooFault) -> Void
    typealias Written = @Sendable (inout OdooEnvironment, [Int], Set<String>) throws(OdooFault) -> Void
    typealias Unlinking = @Sendable (inout OdooEnvironment, [Int]) throws(OdooFault) -> Void
    typealias DisplayName = @Sendable (OdooEnvironment, Int) -> String

    /// What a model does besides keeping values.
    struct Behaviour: Sendable {
        var prepareCreate: Prepare?
        var created: Created?
        /// What becomes of a new record's values that it does not hold itself.
        var passedOn: PassedOn?
        var writing: Writing?
        var written: Written?
        var unlinking: Unlinking?
        var displayName: DisplayName?
    }

    /// The place of the model's table in the database.
    let index: Int
    let name: String
    let label: String
    /// The Python class, as errors name it: `ResPartner`.
    let className: String
    let fields: [String: OdooField]
    /// The names of the fields in their declared order.
    let fieldNames: [String]
    let slotCount: Int
    let order: [OdooOrderTerm]
    let recordName: String
    let access: OdooAccess
    let methods: [String: OdooMethod]
    let behaviour: Behaviour
    /// Wizards are shown under their own names too, but `ir.model.data` never points to them.
    let isTransient: Bool

    init(index: Int, declaration: OdooModelDeclaration, indexed: Set<String>, methods: [String: OdooMethod]) {
        self.index = index
        name = declaration.name
        label = declaration.label
        className = declaration.name.split(whereSeparator: { $0 == "." || $0 == "_" })
            .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        var fields: [String: OdooField] = [:]
        var names: [String] = []
        var slot = 0
        for var field in declaration.fields {
            if field.isHeld {
                field.slot = slot
                slot += 1
            }
            if indexed.contains(field.name) { field.isIndexed = true }
            if fields.updateValue(field, forKey: field.name) == nil { names.append(field.name) }
        }
        self.fields = fields
        fieldNames = names
        slotCount = slot
        order = OdooOrderTerm.parse(declaration.order)
        recordName = declaration.recordName
        access = declaration.access
        self.methods = methods
        behaviour = declaration.behaviour
        isTransient = declaration.isTransient
    }

    /// The field, or Odoo's complaint about a field that is none.
    func field(_ name: String, or fault: (String) -> OdooFault) throws(OdooFault) -> OdooField {
        guard let field = fields[name] else { throw fault(name) }
        return field
    }
}

/// What a model file says about a model.
struct OdooModelDeclaration: Sendable {
    let name: String
    let label: String
    var fields: [OdooField]
    var order = "id"
    var recordName = "name"
    var access = OdooAccess.everyone
    var methods: [String: OdooMethod] = [:]
    var behaviour = OdooModel.Behaviour()
    var isTransient = false

    init(_ name: String, _ label: String, _ fields: [OdooField?]) {
        self.name = name
        self.label = label
        self.fields = fields.compactMap { $0 }
    }

    func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}

/// One term of an order: a field and a direction.
struct OdooOrderTerm: Sendable {
    let field: String
    let descending: Bool

    static func parse(_ text: String) -> [OdooOrderTerm] {
        text.split(separator: ",").compactMap { part in
            let words = part.split(separator: " ").map { $0.lowercased() }
            guard let name = part.split(separator: " ").first else { return nil }
            return OdooOrderTerm(field: String(name), descending: words.dropFirst().contains("desc"))
        }
    }
}

/// The values of one record that is made or changed, by field.
typealias OdooValues = [String: OdooValue]
