import Foundation

/// Files of a settings folder that a demo or a chaos run makes for its nodes, by their paths in it.
struct SettingsFiles {
    let files: [String: String]

    /// Writes them below `folder`, with the folders that they need.
    func write(below folder: String) throws {
        for (path, text) in files {
            let url = URL(fileURLWithPath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }
}
