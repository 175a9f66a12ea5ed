package import Canonical
package import Contracts

/// One plant of `plants.yaml`, with its assets.
package struct Plant: Sendable, Hashable {
    package let name: String
    /// The IANA zone of times that come without one: `Europe/Paris`.
    package let zone: String
    package let company: String?
    /// Where the commands of the plant's flows go that name no target themselves.
    package let target: TargetName?
    package let assets: [Asset]
    /// When the plant works; nil where it has no shifts.
    package let shifts: ShiftPlan?
    package let location: SettingLocation

    /// The asset called `id`.
    package func asset(_ id: AssetID) -> Asset? { assets.first { $0.id == id } }
}

/// One piece of equipment of a plant.
package struct Asset: Sendable, Hashable {
    package let id: AssetID
    package let area: String?
    package let line: String?
    /// The work center's name or code in the ERP.
    package let workCenter: String?
    /// Whatever else the plant knows of it.
    package let attributes: [String: String]
    package let location: SettingLocation
}

/// The keys of `plants.yaml`.
package enum PlantFields {
    static let plants = Field<[NamedSettings]>(
        named: "plants", all, required: true, example: "{ lyon: { zone: Europe/Paris } }", "the plants, by name")
    static let zone = Field<String>(
        "zone", .timeZone, required: true, example: "Europe/Paris", "the zone of times that come without one")
    static let company = Field<String>("company", example: "Acme SAS", "the company that runs the plant")
    static let target = Field<String>(
        "target", .reference(.target), example: "odoo",
        "where the commands of flows go whose `when.plant` names the plant and that name no target themselves; "
            + "its quiet hours are in the plant's zone")
    static let assets = Field<[NamedSettings]>(named: "assets", asset, "the plant's equipment, by name")
    static let area = Field<String>("area", example: "cutting", "the area that it stands in")
    static let line = Field<String>("line", example: "line-2", "the line that it belongs to")
    static let workCenter = Field<String>("workcenter", example: "WC-CUT-1", "its work center in the ERP")
    static let attributes = Field<[String: String]>("attributes", "whatever else the plant knows of it")

    /// The keys of one asset.
    package static let asset: [FieldSpec] = [area.spec, line.spec, workCenter.spec, attributes.spec]
    /// The keys of one plant.
    package static let all: [FieldSpec] = [
        zone.spec, company.spec, target.spec, assets.spec, shifts.spec,
        holidays.spec, exceptions.spec,
    ]
    /// The file itself.
    package static let file: [FieldSpec] = [plants.spec]
}

extension Plant {
    init(_ named: NamedSettings) throws(SettingFault) {
        let settings = named.settings
        name = named.name
        zone = try settings(PlantFields.zone)
        company = try settings.optional(PlantFields.company)
        target = try settings.optional(PlantFields.target).map { TargetName($0) }
        var assets: [Asset] = []
        for asset in try settings.optional(PlantFields.assets) ?? [] { assets.append(try Asset(asset)) }
        self.assets = assets
        shifts = try ShiftPlan(settings)
        location = settings.location
    }
}

extension Asset {
    init(_ named: NamedSettings) throws(SettingFault) {
        let settings = named.settings
        id = AssetID(named.name)
        area = try settings.optional(PlantFields.area)
        line = try settings.optional(PlantFields.line)
        workCenter = try settings.optional(PlantFields.workCenter)
        attributes = try settings.optional(PlantFields.attributes) ?? [:]
        location = settings.location
    }
}

/// A group of settings and the key that it stands behind.
package struct NamedSettings: Sendable {
    package let name: String
    package let settings: Settings
}

extension Field where Value == [NamedSettings] {
    /// Groups of settings, each behind a name of its own.
    package init(
        named name: String, _ fields: [FieldSpec], required: Bool = false, example: String? = nil, _ summary: String
    ) {
        self.init(FieldSpec(name, .map(.object(fields)), required: required, example: example, summary)) {
            guard case .map(let pairs) = $0 else { return nil }
            return pairs.compactMap {
                if case .object(let settings) = $0.value {
                    NamedSettings(name: $0.key, settings: settings)
                } else {
                    nil
                }
            }
        }
    }
}
