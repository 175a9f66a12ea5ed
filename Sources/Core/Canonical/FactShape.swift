package import ExactJSON

/// The static description of one kind of fact: `production.completed` with its fields.
package struct FactShape: Sendable {
    package let family: String
    package let fact: String
    package let version: Int
    package let summary: String
    package let fields: [FactField]

    init(_ family: String, _ fact: String, version: Int = 1, _ summary: String, _ fields: [FactField]) {
        self.family = family
        self.fact = fact
        self.version = version
        self.summary = summary
        // Every fact keeps the machine's or partner's own words beside the canonical fields.
        self.fields = fields + [FactField("native", .any, "the machine's or partner's own codes and raw values")]
    }

    /// The CloudEvents type: `millwright.production.completed.v1`.
    package var type: String { "millwright.\(family).\(fact).v\(version)" }

    /// The CloudEvents dataschema: `urn:millwright:schema:production.completed:1`.
    package var dataSchema: String { "urn:millwright:schema:\(family).\(fact):\(version)" }

    /// What keeps `data` from being this fact; empty where it is one. Members that the shape does not name may stand.
    package func faults(in data: JSON) -> [FactFault] {
        var faults: [FactFault] = []
        FactField.check(fields, data, at: "", into: &faults)
        return faults
    }

    private static let byType: [String: FactShape] = Dictionary(
        all.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

    /// The shape of a canonical type; nil for a type of the user's own.
    package static func of(type: String) -> FactShape? { byType[type] }

    /// The shape of `family.fact` in its newest version: `production.completed`.
    package static func named(_ name: String) -> FactShape? {
        all.last { "\($0.family).\($0.fact)" == name }
    }
}
