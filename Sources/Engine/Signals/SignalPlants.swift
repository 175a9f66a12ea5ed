package import Canonical

/// Where assets stand: gives each event its `source` and its attributes `plant`, `area`, `line` and `company`.
package struct SignalPlants: Sendable {
    /// The place of one asset.
    package struct Place: Sendable, Hashable {
        package var plant: String
        package var area: String?
        package var line: String?
        package var company: String?

        package init(plant: String, area: String? = nil, line: String? = nil, company: String? = nil) {
            self.plant = plant
            self.area = area
            self.line = line
            self.company = company
        }
    }

    /// The source's own place: holds for assets that the registry does not name.
    package let standard: Place
    package let assets: [AssetID: Place]
    /// The shifts of the plants that have any, by the plant's name.
    package let calendars: [String: ShiftCalendar]

    package init(standard: Place, assets: [AssetID: Place] = [:], calendars: [String: ShiftCalendar] = [:]) {
        self.standard = standard
        self.assets = assets
        self.calendars = calendars
    }

    /// The place of `asset`, or the source's own.
    package func place(of asset: AssetID) -> Place { assets[asset] ?? standard }

    /// The shifts of the plant that `asset` stands in.
    func calendar(of asset: AssetID) -> ShiftCalendar? { calendars[place(of: asset).plant] }
}

/// What every event of one asset carries, made once.
struct AssetIdentity: Sendable {
    /// `/{plant}/{asset}`
    let source: String
    let attributes: [String: String]

    init(asset: AssetID, place: SignalPlants.Place, schema: String?) {
        source = "/\(place.plant)/\(asset)"
        var attributes = ["plant": place.plant]
        attributes["dataschema"] = schema
        attributes["area"] = place.area
        attributes["line"] = place.line
        attributes["company"] = place.company
        self.attributes = attributes
    }
}
