import Foundation
import World
import WorldLive

/// A folder that a command fills: one that is not there yet, or one that is empty.
struct NewFolder {
    /// Absolute.
    let path: String
    private let disk = LiveDisk()

    /// Throws where something is there that could be lost, or taken for what the command makes.
    init(_ path: String) throws {
        let root = URL(fileURLWithPath: path).standardizedFileURL.path
        self.path = root
        if let status = try disk.status(root) {
            guard status.isDirectory else {
                throw CommandFailure(description: "\(root) is a file: name a new folder", code: 2)
            }
            // Whatever begins with a dot counts as well: a repository's own folder shows that this is no new place.
            guard try disk.list(root).isEmpty else {
                throw CommandFailure(description: "\(root) is not empty: name a new folder", code: 2)
            }
        }
    }

    /// Writes a file below the folder, with the folders that it needs.
    func write(_ file: String, _ bytes: [UInt8]) throws {
        try disk.makeDirectory(("\(path)/\(file)" as NSString).deletingLastPathComponent)
        try disk.replace("\(path)/\(file)", with: bytes, mode: 0o644)
    }
}
