/// What may stand where in a settings folder.
enum FolderLayout {
    static let nodeFile = "millwright.yaml"
    static let plantsFile = "plants.yaml"
    static let ownershipFile = "ownership.yaml"
    static let overlays = "overlays"
    /// The files beside the folders.
    static let top = [nodeFile, plantsFile, ownershipFile]

    /// The folders with settings, and how their files end.
    static let folders: [(name: String, endings: [String])] = [
        ("sources", ["yaml"]), ("flows", ["yaml"]), ("targets", ["yaml"]), ("maps", ["jq"]), ("crosswalks", ["csv"]),
        ("schemas", ["json", "jq"]),
    ]
    /// Folders that belong there and are read by others.
    static let others = ["tests", overlays]

    /// What an overlay may change: values, and never what flows do.
    static let overlaid = ["sources", "targets", "crosswalks"]

    static func endings(of folder: String) -> [String]? { folders.first { $0.name == folder }?.endings }
}

/// One file of the folder.
struct FolderFile {
    /// Below the settings folder: `overlays/test/targets/odoo.yaml`.
    let path: String
    let bytes: [UInt8]
    /// Nil where the bytes are not UTF-8.
    let source: SourceText?

    /// The folder and the file's name without ending: (`targets`, `odoo`).
    var folder: String { String(path.split(separator: "/").dropLast().last ?? "") }
    var stem: String {
        let name = path.split(separator: "/").last ?? ""
        return String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex))
    }
}
