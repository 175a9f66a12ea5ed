import ArgumentParser
import Foundation
import NodeSettings
import Store
import World
import WorldLive

/// The options of every command that works on a node's settings folder.
struct FolderOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The node's settings folder.") var folder = "."
    @Option(help: "The environment: the overlay in overlays/NAME changes values of the folder.") var overlay: String?

    /// Reads and checks the folder. Prints its faults to standard error; throws with exit code 2 where one is an error.
    func load() throws -> NodeFolder {
        let report = Composition.read(absoluteFolder, overlay: overlay, disk: LiveDisk())
        if !report.faults.isEmpty { Output.note(report.printed()) }
        guard let folder = report.folder else {
            throw CommandFailure(description: "the settings folder \(absoluteFolder) has faults", code: 2)
        }
        return folder
    }

    /// The folder's absolute path.
    var absoluteFolder: String { URL(fileURLWithPath: folder).standardizedFileURL.path }

    /// The node's store, to be looked into.
    func reader() throws -> StoreReader { try reader(of: load()) }

    /// The store of a folder's node, to be looked into.
    func reader(of folder: NodeFolder) throws -> StoreReader {
        let path = Composition.storePath(folder)
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                description:
                    "node \(folder.node.node) has not run yet: there is no store at \(path). Start it with `millwright run`"
            )
        }
        return try StoreReader(path: path)
    }
}
