/// What the offices beside the plant work with: the books, leads, projects, repairs, prices and variants.
enum OdooOfficeModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [OdooMessageModels.messages] + OdooLeadModels.all(version) + OdooProjectModels.all(version)
            + OdooPriceModels.all(version) + OdooVariantModels.all(version) + OdooAccountModels.all(version)
            + OdooInvoiceModels.all(version) + OdooPaymentModels.all(version) + OdooReversalModels.all(version)
            + OdooRepairModels.all(version)
    }
}

extension [OdooModelDeclaration] {
    /// Lets one family add to a model of another, as an app inherits a model.
    mutating func extend(_ name: String, _ change: (inout OdooModelDeclaration) -> Void) {
        for index in indices where self[index].name == name { change(&self[index]) }
    }
}

extension OdooEnvironment {
    mutating func installOffice() {
        installLeads()
        installAccounts()
        installRepairs()
    }
}
