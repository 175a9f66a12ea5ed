package import Contracts

// What the check of a whole folder asks of an Odoo source's or target's settings.
extension OdooSpec {
    /// Which database of which Odoo it speaks to.
    package struct Place: Sendable, Hashable {
        package let endpoint: String
        package let database: String
    }

    /// The place that a source or target speaks to.
    package static func place(of settings: Settings) throws(SettingFault) -> Place {
        var endpoint = try settings(endpoint).lowercased()
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        return Place(endpoint: endpoint, database: try settings(database))
    }

    /// How a source's own Millwright's writes come back to it.
    package enum Echo: Sendable { case never, withoutAddon, always }

    /// Whether what is written by a target with `target` settings is told by a source with `source` settings.
    package static func echo(source: Settings, target: Settings) throws(SettingFault) -> Echo {
        let mode = try source(outbox)
        if try source(echo) == "keep" || mode == "off" { return .always }
        // What was written without the addon bears no mark by which it could be known.
        let writes = try target(gateway)
        if writes == "off" { return .always }
        return mode == "required" && writes == "required" ? .never : .withoutAddon
    }

    /// The models that a source tells changes of; nil for all that Odoo's addon is set up for, or that polling knows.
    package static func models(of settings: Settings) throws(SettingFault) -> [String]? {
        let models = try settings.optional(models) ?? []
        return models.isEmpty ? nil : models
    }

    /// The canonical facts that a source tells, `record.changed` among them.
    package static func facts(of settings: Settings) throws(SettingFault) -> Set<String> {
        let models = try models(of: settings) ?? WatchedModel.all.map(\.name)
        return Set(models.flatMap(OdooObjects.facts)).union(["record.changed"])
    }
}
