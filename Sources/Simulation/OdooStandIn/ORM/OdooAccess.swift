/// A group of users that rights hang on.
enum OdooGroup: Sendable, Hashable, CaseIterable {
    case internalUser, manufacturingUser, manufacturingManager, stockUser, stockManager, productCreation, settings
    case purchaseUser, purchaseManager, salesUser, salesManager, billing, projectUser, projectManager

    /// The name as access errors list it.
    func name(_ version: OdooStandInVersion) -> String {
        switch self {
        case .internalUser: version == .v19 ? "Role / User" : "User types/Internal User"
        case .manufacturingUser: "Manufacturing/User"
        case .manufacturingManager: "Manufacturing/Administrator"
        case .stockUser: "Inventory/User"
        case .stockManager: "Inventory/Administrator"
        case .productCreation: version == .v19 ? "Products/Create" : "Extra Rights/Product Creation"
        case .purchaseUser: "Purchase/User"
        case .purchaseManager: "Purchase/Administrator"
        case .salesUser: "Sales/User: Own Documents Only"
        case .salesManager: "Sales/Administrator"
        case .settings: version == .v19 ? "Access Rights" : "Administration/Access Rights"
        case .billing: version >= .v18 ? "Invoicing/Invoicing" : "Invoicing/Billing"
        case .projectUser: "Project/User"
        case .projectManager: "Project/Administrator"
        }
    }
}

/// What rights are asked for.
enum OdooOperation: String, Sendable {
    case read, write, create, unlink

    var verb: String {
        switch self {
        case .read: "access"
        case .write: "modify"
        case .create: "create"
        case .unlink: "delete"
        }
    }
}

/// Which groups may do what with a model; an empty list lets everybody in.
struct OdooAccess: Sendable {
    var readers: [OdooGroup]
    var writers: [OdooGroup]
    /// Who may create and delete, where it is not who may write.
    var creators: [OdooGroup]?
    /// The model that errors name, where a delegated one fails first: creating a work center makes a resource.
    var deniedAs: (name: String, label: String)?

    static let everyone = OdooAccess(readers: [], writers: [])
    static let readOnly = OdooAccess(readers: [], writers: [.settings])
    static let manufacturing = OdooAccess(
        readers: [.stockUser, .manufacturingManager, .manufacturingUser],
        writers: [.manufacturingManager, .manufacturingUser])
    static let manufacturingSetup = OdooAccess(
        readers: [.manufacturingUser, .stockUser], writers: [.manufacturingManager])
    static let stock = OdooAccess(
        readers: [.stockUser, .manufacturingUser], writers: [.stockUser, .manufacturingUser])
    static let stockSetup = OdooAccess(readers: [], writers: [.stockManager])
    static let product = OdooAccess(readers: [], writers: [.productCreation])
    static let settings = OdooAccess(readers: [.settings], writers: [.settings])

    func groups(for operation: OdooOperation) -> [OdooGroup] {
        switch operation {
        case .read: readers
        case .write: writers
        case .create, .unlink: creators ?? writers
        }
    }
}

extension OdooEnvironment {
    /// Whether the user may do that with the model at all.
    func mayAccess(_ model: OdooModel, _ operation: OdooOperation) -> Bool {
        if isSuperuser || uid == 1 { return true }
        let groups = model.access.groups(for: operation)
        guard !groups.isEmpty else { return true }
        let own = settings.groups(of: uid)
        return groups.contains { own.contains($0) }
    }

    /// Refuses as Odoo does, naming the groups that may.
    func checkAccess(_ model: OdooModel, _ operation: OdooOperation) throws(OdooFault) {
        guard !mayAccess(model, operation) else { return }
        let name = model.access.deniedAs?.name ?? model.name, label = model.access.deniedAs?.label ?? model.label
        let groups = model.access.groups(for: operation).map { "\t- \($0.name(version))" }.sorted()
        throw .access(
            "You are not allowed to \(operation.verb) '\(label)' (\(name)) records.\n\n"
                + "This operation is allowed for the following groups:\n\(groups.joined(separator: "\n"))\n\n"
                + "Contact your administrator to request access if necessary.")
    }
}
