package import Canonical
package import Contracts

/// What `ownership.yaml` says: which system has the last word about which object of business.
///
/// A system is what sources tell of and targets write to. One that the file does not describe is the source and the
/// target of its name.
package struct Ownership: Sendable {
    /// The sources and targets that speak to one system.
    package struct System: Sendable, Hashable {
        package let sources: Set<String>
        package let targets: Set<String>

        package init(sources: Set<String>, targets: Set<String>) {
            self.sources = sources
            self.targets = targets
        }
    }

    /// Who owns an object.
    package struct Owner: Sendable, Hashable {
        package let system: String
        /// Arguments of operations that other systems own.
        package let fields: [String: String]
        package let location: SettingLocation

        package init(system: String, fields: [String: String], location: SettingLocation) {
            self.system = system
            self.fields = fields
            self.location = location
        }
    }

    package let systems: [String: System]
    package let owners: [BusinessObject: Owner]

    package init(systems: [String: System], owners: [BusinessObject: Owner]) {
        self.systems = systems
        self.owners = owners
    }

    /// The system that a source tells of.
    package func system(ofSource name: String) -> String {
        systems.first { $0.value.sources.contains(name) }?.key ?? name
    }

    /// The system that a target writes to.
    package func system(ofTarget name: String) -> String {
        systems.first { $0.value.targets.contains(name) }?.key ?? name
    }
}

/// The keys of `ownership.yaml`.
package enum OwnershipFields {
    static let systems = Field<[NamedSettings]>(
        named: "systems", [sources.spec, targets.spec],
        example: "{ erp: { sources: odoo-changes, targets: odoo }, plm: {} }",
        "systems by name, and the sources and targets that speak to them; a source or target that none names is a "
            + "system of its own name, and one without either is known by its name alone")
    static let sources = Field<[String]>(
        "sources", .oneOrMany(.reference(.source)), example: "odoo-changes", "the sources that tell of it")
    static let targets = Field<[String]>(
        "targets", .oneOrMany(.reference(.target)), example: "odoo", "the targets that write to it")
    static let owns = Field<Settings>(
        "owns", fields: BusinessObject.allCases.map(owner), required: true,
        "who has the last word about what; objects that are not named are nobody's, and every flow may write them")
    static let system = Field<String>("system", .name, required: true, example: "erp", "the system that owns it")
    static let fields = Field<[String: String]>(
        "fields", example: "{ price: odoo }", "arguments of operations that another system owns, and that system")

    private static func owner(_ object: BusinessObject) -> FieldSpec {
        FieldSpec(
            object.rawValue, .object([system.spec, fields.spec]), example: "{ system: erp }", object.summary)
    }

    /// One object of ``owns``.
    static func field(_ object: BusinessObject) -> Field<Settings> {
        Field(owner(object)) { if case .object(let settings) = $0 { settings } else { nil } }
    }

    /// All keys of the file.
    package static let all: [FieldSpec] = [systems.spec, owns.spec]
}

extension Ownership {
    init(_ settings: Settings) throws(SettingFault) {
        var systems: [String: System] = [:]
        for named in try settings.optional(OwnershipFields.systems) ?? [] {
            systems[named.name] = System(
                sources: Set(try named.settings.optional(OwnershipFields.sources) ?? []),
                targets: Set(try named.settings.optional(OwnershipFields.targets) ?? []))
        }
        var owners: [BusinessObject: Owner] = [:]
        let owns = try settings(OwnershipFields.owns)
        for object in BusinessObject.allCases {
            guard let given = try owns.optional(OwnershipFields.field(object)) else { continue }
            owners[object] = Owner(
                system: try given(OwnershipFields.system), fields: try given.optional(OwnershipFields.fields) ?? [:],
                location: given.location)
        }
        self.systems = systems
        self.owners = owners
    }
}
