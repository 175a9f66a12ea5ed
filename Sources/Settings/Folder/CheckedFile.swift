import Contracts

/// One file after its spec gave its settings their types; what belongs together across files is not yet checked.
struct CheckedFile {
    /// `sources/komax.yaml`, whatever overlay changed it.
    let key: String
    let root: SettingsNode
    /// What it defines is called so; the file's own name where the settings do not say.
    let name: String
    /// Where the name is given.
    let nameLocation: SettingLocation?
    let settings: Settings
    /// The keys that the file gives, or was most likely meant to give.
    let given: Set<String>
    /// Nil for flows, and where the protocol is unknown.
    let connector: ConnectorSpec?
    let references: [SpecChecker.FoundReference]
    let programs: [SpecChecker.FoundProgram]

    /// The file without what its setting `field` names.
    func without(reference field: String) -> CheckedFile {
        CheckedFile(
            key: key, root: root, name: name, nameLocation: nameLocation, settings: settings, given: given,
            connector: connector, references: references.filter { $0.field != field }, programs: programs)
    }

    /// The place of a setting, else of the file's first key.
    func place(_ name: String) -> SettingLocation { settings.locations[name] ?? settings.location }
}

/// The plants and assets that `plants.yaml` names, read leniently, so that a fault in one entry does not make the names
/// of others unknown.
struct PlantIndex {
    /// Asset names by plant.
    private(set) var assets: [String: Set<String>] = [:]
    /// Whether a plant that is not here does not exist: no, where the file's form leaves it open.
    private(set) var isComplete = true
    /// Plants whose assets cannot be told.
    private(set) var openPlants: Set<String> = []

    /// The index of no file.
    init() {}

    init(_ root: SettingsNode) {
        guard let plants = root[PlantFields.plants.spec.name]?.entries else {
            isComplete = false
            return
        }
        let known = Set(PlantFields.all.map(\.name))
        for plant in plants {
            let list = plant.value[PlantFields.assets.spec.name]
            assets[plant.key] = Set(list?.entries?.map(\.key) ?? [])
            // Assets behind a misspelt key, or in a form that is no list of names, are not missing as well.
            let isOpen = plant.value.entries?.contains { !known.contains($0.key) } ?? !plant.value.isEmpty
            if isOpen || (list != nil && list?.entries == nil) { openPlants.insert(plant.key) }
        }
    }

    var plants: [String] { assets.keys.sorted() }

    func plants(of asset: String) -> [String] { assets.filter { $0.value.contains(asset) }.keys.sorted() }
}
