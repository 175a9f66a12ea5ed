/// All models of the stand-in. A further family is one more file and one more line here.
enum OdooModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        var models = families(version)
        OdooVariantModels.extend(&models, version)
        OdooRepairModels.extend(&models, version)
        OdooAccountModels.extend(&models)
        return models
    }

    private static func families(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        OdooBaseModels.all(version) + OdooPartnerModels.all(version) + OdooProductModels.all(version)
            + OdooStockModels.all(version) + OdooMoveModels.all(version) + OdooScrapModels.all(version)
            + OdooWorkcenterModels.all(version) + OdooBomModels.all(version) + OdooProductionModels.all(version)
            + OdooUnbuildModels.all(version) + OdooWorkorderModels.all(version) + OdooWizardModels.all(version)
            + OdooTradeModels.all(version)
            + OdooMaintenanceModels.all(version) + OdooActivityModels.all(version) + OdooGatewayModels.all()
            + OdooOfficeModels.all(version)
    }
}

extension OdooEnvironment {
    /// What an installation brings along. The families come in the order in which they refer to each other.
    mutating func install() {
        installBase()
        installUnits()
        installStock()
        installWorkcenters()
        installTrade()
        installMaintenance()
        installActivities()
        installOffice()
    }

    /// Makes a record with an external id, as a module's data files do.
    mutating func data(_ external: String, _ model: String, _ values: OdooValues) -> Int {
        let id = insert(model, values)
        bind(external, to: model, id)
        return id
    }
}
