/// The models of one version, wired: indexes for one2many fields, methods of all models added.
final class OdooRegistry: Sendable {
    let version: OdooStandInVersion
    let models: [OdooModel]
    /// What each database begins with. Made once, so that a further model costs a further stand-in next to nothing.
    let emptyTables: [OdooTable]
    private let byName: [String: OdooModel]

    init(version: OdooStandInVersion, declarations: [OdooModelDeclaration]) {
        self.version = version
        var indexed: [String: Set<String>] = [:]
        for declaration in declarations {
            for field in declaration.fields {
                if case .one2many(let model, let inverse) = field.kind { indexed[model, default: []].insert(inverse) }
            }
        }
        let common = OdooGenericMethods.table(version: version)
        var models: [OdooModel] = []
        for declaration in declarations {
            var declaration = declaration
            declaration.fields += Self.automaticFields(declaration)
            let methods = common.merging(declaration.methods) { $1 }
            models.append(
                OdooModel(
                    index: models.count, declaration: declaration, indexed: indexed[declaration.name] ?? [],
                    methods: methods))
        }
        self.models = models
        emptyTables = models.map { model in
            OdooTable(indexedSlots: model.fields.values.filter { $0.isIndexed && $0.slot >= 0 }.map(\.slot))
        }
        byName = Dictionary(models.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    subscript(name: String) -> OdooModel? { byName[name] }

    /// The fields that every model has (`odoo/models.py`, "magic columns").
    private static func automaticFields(_ declaration: OdooModelDeclaration) -> [OdooField] {
        var fields: [OdooField] = [
            .integer("id", "ID").readonly,
            .datetime("create_date", "Created on").readonly.notCopied,
            .many2one("create_uid", "Created by", "res.users").readonly.notCopied,
            .datetime("write_date", "Last Updated on").readonly.notCopied,
            .many2one("write_uid", "Last Updated by", "res.users").readonly.notCopied,
        ]
        let name = declaration.name
        if !declaration.fields.contains(where: { $0.name == "display_name" }) {
            fields.append(.char("display_name", "Display Name").computed { .text($0.displayName(name, $1)) })
        }
        return fields
    }

    static let v16 = OdooRegistry(version: .v16, declarations: OdooModels.all(.v16))
    static let v17 = OdooRegistry(version: .v17, declarations: OdooModels.all(.v17))
    static let v18 = OdooRegistry(version: .v18, declarations: OdooModels.all(.v18))
    static let v19 = OdooRegistry(version: .v19, declarations: OdooModels.all(.v19))

    /// The registry of a version; built once.
    static func of(_ version: OdooStandInVersion) -> OdooRegistry {
        switch version {
        case .v16: v16
        case .v17: v17
        case .v18: v18
        case .v19: v19
        }
    }
}
