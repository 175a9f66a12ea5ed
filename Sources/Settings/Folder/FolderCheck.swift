import Canonical
import Contracts

/// Checks the files of one folder: each by its spec, then what belongs together.
struct FolderCheck {
    let reader: FolderReader
    let files: FolderFiles
    let texts: [String: SourceText]

    private(set) var faults: [CheckFault] = []
    /// Files whose form could not be read; what they define is known by the file's name alone.
    private(set) var broken: Set<String> = []
    var node: CheckedFile?
    var plants: CheckedFile?
    var ownership: CheckedFile?
    var sources: [CheckedFile] = []
    var flows: [CheckedFile] = []
    var targets: [CheckedFile] = []
    var crosswalks: [String: Crosswalk] = [:]
    var eventTypes: [EventTypeSection] = []
    var plantIndex = PlantIndex()
    /// The tables that programs look up, and where.
    var lookups: [(table: String, location: SettingLocation)] = []
    var hasComputedLookup = false

    init(reader: FolderReader, files: FolderFiles) {
        self.reader = reader
        self.files = files
        var texts: [String: SourceText] = [:]
        for file in [files.base.values, files.overlay.values].joined() { texts[file.path] = file.source }
        self.texts = texts
        broken = files.unread
    }

    mutating func run() {
        readAll()
        checkNames()
        readCrosswalks()
        readSchemas()
        checkPrograms()
        for file in [node, plants, ownership].compactMap({ $0 }) + sources + flows + targets {
            resolveReferences(of: file)
        }
        for source in sources { checkAsset(of: source) }
        for flow in flows { checkFlow(flow) }
        for target in targets { checkQuiet(of: target) }
        if let plants { checkShifts(of: plants) }
        checkOwnership()
        checkLookups()
        checkUnused()
    }

    mutating func fault(
        _ kind: FailureKind, _ severity: CheckFault.Severity = .error, at location: SettingLocation, _ reason: String,
        suggestion: String? = nil
    ) {
        faults.append(CheckFault(kind, severity, at: location, reason, suggestion: suggestion))
    }

    mutating func report(_ found: [CheckFault]) { faults += found }

    mutating func markBroken(_ key: String) { broken.insert(key) }

    /// The files of `folder` in order of their names.
    func keys(in folder: String) -> [String] {
        files.base.keys.filter { $0.hasPrefix(folder + "/") }.sorted()
    }

    static func stem(_ key: String) -> String {
        let name = key.split(separator: "/").last ?? ""
        return String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex))
    }

    /// The file that `key` stands for: the overlay's where it replaces the whole file.
    func file(_ key: String) -> FolderFile? { files.overlay[key] ?? files.base[key] }

    /// What is defined in `folder`: names that files give, and the names of files that could not be read.
    func names(in folder: String, _ checked: [CheckedFile]) -> Set<String> {
        let unread = broken.filter { $0.hasPrefix(folder + "/") }.map(Self.stem)
        return Set(checked.map(\.name)).union(unread)
    }
}
