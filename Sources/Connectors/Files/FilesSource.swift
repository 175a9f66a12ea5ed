package import Canonical
package import Contracts
package import World

/// Reads the files of a folder: those that a machine goes on writing to, or whole documents that somebody drops there.
package struct FilesSource: Source {
    package let name: SourceName
    private let settings: FilesSettings
    private let world: World

    /// Checks the settings and opens nothing. `plantZone` is the IANA zone of times without an offset where the
    /// settings name none; `defaultAsset` is the equipment that the readings belong to.
    package init(
        name: SourceName, settings: Settings, plantZone: String, defaultAsset: AssetID, world: World, limits: Limits
    ) throws(SettingFault) {
        self.name = name
        self.world = world
        self.settings = try FilesSettings(
            name: name, settings: settings, plantZone: plantZone, defaultAsset: defaultAsset, limits: limits)
    }

    /// Works until cancelled. Throws ``Failure`` `FILES-001` while the folder itself cannot be read.
    package func run(_ intake: any Intake) async throws {
        if let drop = settings.drop {
            var folder = DropFolder(settings.follow, drop, world: world, intake: intake)
            try await folder.run()
        } else {
            var follower = FolderFollower(settings.follow, world: world, intake: intake)
            try await follower.run()
        }
    }
}
