import Contracts
import ExactJSON

/// One argument of an operation and the field of Odoo's that it becomes.
struct FormField: Sendable {
    indirect enum Kind: Sendable {
        /// Text of at most so many characters; longer ones are cut.
        case text(Int)
        /// Text, which stays text in a field of HTML.
        case html
        case number
        case flag
        /// True or false, where Odoo has something else for it.
        case mapped(@Sendable (Bool, OdooDialect) -> FormRow.Value)
        /// A day: `2025-02-03`, or an instant, whose day at the plant it is.
        case day
        case instant
        /// One of the words, each with Odoo's value for it.
        case choice([(word: String, value: String)])
        case record(Lookup)
        case records(Lookup)
        /// A product by its internal reference: what the row's amounts are counted in.
        case item
        /// `{value, unit}`, above zero; with the field that names its unit, else in the product's own.
        case amount(unit: FieldName?)
        /// `[{…}]`, each with fields of its own.
        case lines([FormField])
        /// Anything, by names of Odoo's own (``RawValues``).
        case values
    }

    let argument: String
    let field: FieldName
    let kind: Kind
    let isRequired: Bool
    let summary: String

    init(_ argument: String, _ field: FieldName, _ kind: Kind, required: Bool = false, _ summary: String) {
        self.argument = argument
        self.field = field
        self.kind = kind
        isRequired = required
        self.summary = summary
    }

    var spec: OperationArgument { OperationArgument(argument, specKind, required: isRequired, text) }

    private var specKind: OperationArgument.Kind {
        switch kind {
        case .text, .html, .day, .choice, .item: .text
        case .number: .number
        case .flag, .mapped: .boolean
        case .instant: .instant
        case .amount: .quantity
        case .records, .lines: .list
        case .record, .values: .any
        }
    }

    private var text: String {
        switch kind {
        case .choice(let words): "\(summary) One of \(words.map { "`\($0.word)`" }.joined(separator: ", "))."
        case .lines(let fields):
            "\(summary) Each with "
                + fields.map { "`\($0.argument)`\($0.isRequired ? " (required)" : ""): \($0.summary)" }
                .joined(separator: " ")
        case .record(let lookup), .records(let lookup):
            "\(summary) By \(lookup.names) of `\(lookup.model)`."
        case .text, .html, .number, .flag, .mapped, .day, .instant, .item, .amount, .values: summary
        }
    }
}

/// What a field is called, where the versions of Odoo call it differently.
struct FieldName: Sendable, ExpressibleByStringLiteral {
    /// Names and the version that each begins with, the newest first; nil where there is no such field from then on.
    private let names: [(since: Int, name: String?)]

    init(stringLiteral name: String) { names = [(0, name)] }

    private init(names: [(Int, String?)]) { self.names = names }

    /// `old` before the version, `new` from it on; either may be missing.
    static func changed(in version: Int, from old: String?, to new: String?) -> FieldName {
        FieldName(names: [(version, new), (0, old)])
    }

    func name(_ dialect: OdooDialect) -> String? {
        names.first { dialect.version >= $0.since }?.name
    }
}
