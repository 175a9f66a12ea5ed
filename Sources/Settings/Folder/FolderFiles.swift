import Contracts
import World

/// Reads the files of a settings folder, within bounds, and reports what does not belong there.
struct FolderFiles {
    let disk: any Disk
    let limits: SettingsLimits
    /// The settings folder, without a slash at its end.
    let root: String

    /// By path below the folder.
    private(set) var base: [String: FolderFile] = [:]
    /// The chosen overlay's files, by the path of what they overlay.
    private(set) var overlay: [String: FolderFile] = [:]
    private(set) var faults: [CheckFault] = []
    /// Files that are there and could not be read; nothing that they might hold is reported as missing.
    private(set) var unread: Set<String> = []
    private var isFull = false

    /// Everything that was read, by path.
    var all: [NodeFolder.File] {
        [base.values, overlay.values].joined().map { NodeFolder.File(path: $0.path, bytes: $0.bytes) }
            .sorted { $0.path < $1.path }
    }

    init(disk: any Disk, limits: SettingsLimits, root: String) {
        self.disk = disk
        self.limits = limits
        self.root = root
    }

    /// An error of a file or folder as a whole.
    private mutating func fault(_ kind: FailureKind, _ path: String, _ reason: String, _ suggestion: String? = nil) {
        let place = SettingLocation(file: path, line: 0, column: 0)
        faults.append(CheckFault(kind, at: place, reason, suggestion: suggestion))
    }

    private mutating func warn(_ kind: FailureKind, _ path: String, _ reason: String, _ suggestion: String? = nil) {
        let place = SettingLocation(file: path, line: 0, column: 0)
        faults.append(CheckFault(kind, .warning, at: place, reason, suggestion: suggestion))
    }

    /// Reads everything. False where the folder itself cannot be read.
    mutating func read(overlay name: String?) -> Bool {
        let top: [DiskEntry]
        do {
            top = try disk.list(root)
        } catch {
            fault(SettingsFailures.unreadable, root, "the settings folder cannot be read: \(error.detail)")
            return false
        }
        for entry in top where !entry.name.hasPrefix(".") { readTop(entry) }
        if !top.contains(where: { $0.name == FolderLayout.nodeFile }) {
            fault(
                SettingsFailures.missingFile, FolderLayout.nodeFile, "the settings folder has no millwright.yaml",
                "add millwright.yaml with: node: NAME")
        }
        if let name { readOverlay(name, isThere: top.contains { $0.name == FolderLayout.overlays && $0.isDirectory }) }
        return true
    }

    private mutating func readTop(_ entry: DiskEntry) {
        let name = entry.name
        if entry.isDirectory {
            if let endings = FolderLayout.endings(of: name) { return readFolder(name, endings: endings) }
            let known = FolderLayout.folders.map(\.name) + FolderLayout.others
            if !known.contains(name), let nearest = NearestName.of(name, among: known) {
                warn(SettingsFailures.strayFile, name, "the folder \(name) is not read", "did you mean \(nearest)?")
            }
        } else if FolderLayout.top.contains(name) {
            keep(name, as: name, inOverlay: false)
        } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".jq") || name.hasSuffix(".csv") {
            let nearest = NearestName.of(name, among: FolderLayout.top)
            warn(
                SettingsFailures.strayFile, name, "the file \(name) is not read",
                nearest.map { "did you mean \($0)?" } ?? "move it to the folder that it belongs to, or remove it")
        }
    }

    private mutating func readFolder(_ folder: String, endings: [String], below prefix: String = "") {
        guard let entries = entries(prefix + folder) else { return }
        for entry in entries where !entry.name.hasPrefix(".") {
            let path = "\(prefix)\(folder)/\(entry.name)"
            guard !entry.isDirectory, endings.contains(where: { entry.name.hasSuffix("." + $0) }) else {
                stray(path, entry, folder, endings)
                continue
            }
            keep(path, as: "\(folder)/\(entry.name)", inOverlay: !prefix.isEmpty)
        }
    }

    private mutating func stray(_ path: String, _ entry: DiskEntry, _ folder: String, _ own: [String]) {
        // Notes and editors' copies may lie about; a file that is nearly right is more likely a mistake.
        let endings = ["yaml", "yml", "jq", "csv", "json", "txt", "tsv"]
        guard entry.isDirectory || endings.contains(where: { entry.name.lowercased().hasSuffix("." + $0) }) else {
            return
        }
        let reason =
            entry.isDirectory
            ? "folders within \(folder) are not read"
            : "files in \(folder) end in .\(own.joined(separator: " or .")); this one is not read"
        let stem = entry.name.prefix(upTo: entry.name.lastIndex(of: ".") ?? entry.name.endIndex)
        warn(
            SettingsFailures.strayFile, path, reason,
            entry.isDirectory ? "move its files to \(folder)" : "call it \(stem).\(own.first ?? ""), or move it")
    }

    private mutating func entries(_ folder: String) -> [DiskEntry]? {
        do {
            return try disk.list("\(root)/\(folder)").sorted { $0.name < $1.name }
        } catch {
            fault(SettingsFailures.unreadable, folder, "the folder cannot be read: \(error.detail)")
            return nil
        }
    }

    private mutating func readOverlay(_ name: String, isThere: Bool) {
        let all = isThere ? (entries(FolderLayout.overlays) ?? []).filter(\.isDirectory).map(\.name) : []
        guard all.contains(name) else {
            fault(
                SettingsFailures.noOverlay, "\(FolderLayout.overlays)/\(name)",
                "there is no overlay \(name.quotedBriefly)",
                NearestName.advice(name, among: all, fallback: "make the folder overlays/\(name)"))
            return
        }
        let prefix = "\(FolderLayout.overlays)/\(name)/"
        for entry in entries(String(prefix.dropLast())) ?? [] where !entry.name.hasPrefix(".") {
            if !entry.isDirectory, entry.name == FolderLayout.nodeFile || entry.name == FolderLayout.plantsFile {
                keep(prefix + entry.name, as: entry.name, inOverlay: true)
            } else if entry.isDirectory, FolderLayout.overlaid.contains(entry.name) {
                readFolder(entry.name, endings: FolderLayout.endings(of: entry.name) ?? ["yaml"], below: prefix)
            } else if entry.isDirectory, FolderLayout.endings(of: entry.name) != nil {
                fault(
                    SettingsFailures.overlayFlow, prefix + entry.name,
                    "an overlay changes values, and never \(entry.name)")
            } else if !entry.isDirectory, entry.name == FolderLayout.ownershipFile {
                fault(
                    SettingsFailures.overlayFlow, prefix + entry.name,
                    "an overlay changes values, and never who owns what", "change ownership.yaml itself")
            } else {
                warn(SettingsFailures.strayFile, prefix + entry.name, "\(entry.name) is not read in an overlay")
            }
        }
    }

    /// Reads one file and keeps it under `key`.
    private mutating func keep(_ path: String, as key: String, inOverlay: Bool) {
        guard base.count + overlay.count < limits.files else {
            if !isFull { fault(SettingsFailures.tooLarge, path, "the folder has more than \(limits.files) files") }
            isFull = true
            unread.insert(key)
            return
        }
        if inOverlay, base[key] == nil, !unread.contains(key) {
            fault(
                SettingsFailures.overlayAdds, path, "there is no \(key) that it could change",
                NearestName.of(key, among: base.keys).map { "did you mean \($0)?" })
            return
        }
        guard let bytes = bytes(of: path) else {
            unread.insert(key)
            return
        }
        let text = Self.text(bytes)
        if text == nil { notUTF8(path, bytes) }
        let file = FolderFile(path: path, bytes: bytes, source: text.map { SourceText(path: path, text: $0) })
        if inOverlay { overlay[key] = file } else { base[key] = file }
        checkName(file)
    }

    private mutating func bytes(of path: String) -> [UInt8]? {
        do {
            return try disk.bytes(of: "\(root)/\(path)", upTo: limits.fileBytes)
        } catch {
            fault(error.kind, path, "the file \(error.reason)")
            return nil
        }
    }

    private static func text(_ bytes: [UInt8]) -> String? {
        // A byte order mark says nothing in UTF-8.
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        return String(validating: content, as: UTF8.self)
    }

    private mutating func notUTF8(_ path: String, _ bytes: [UInt8]) {
        // The longest valid beginning, by halving: what is invalid stays invalid with more behind it.
        var low = 0
        var high = bytes.count
        while low < high {
            let middle = (low + high + 1) / 2
            if Self.cutOff(bytes[..<middle]) != nil { low = middle } else { high = middle - 1 }
        }
        let valid = low - (Self.cutOff(bytes[..<low]) ?? 0)
        let line = bytes[..<valid].count { $0 == UInt8(ascii: "\n") } + 1
        let start = bytes[..<valid].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = String(decoding: bytes[start..<valid], as: UTF8.self).unicodeScalars.count + 1
        let wrong = "0x" + String(bytes[valid], radix: 16, uppercase: true)
        faults.append(
            CheckFault(
                SettingsFailures.notUTF8, at: SettingLocation(file: path, line: line, column: column),
                "the file is not UTF-8: byte \(wrong) at offset \(valid)"))
    }

    /// How many bytes at the end begin a character that goes on behind them; nil where the bytes are invalid before.
    private static func cutOff(_ bytes: ArraySlice<UInt8>) -> Int? {
        for cut in 0...3 where cut <= bytes.count {
            let rest = bytes.suffix(cut)
            let isBeginning = cut == 0 || (rest.first ?? 0) >= 0xC2 && rest.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
            if isBeginning, String(validating: bytes.dropLast(cut), as: UTF8.self) != nil { return cut }
        }
        return nil
    }

    private mutating func checkName(_ file: FolderFile) {
        do {
            try NameText.check(file.stem)
        } catch {
            fault(SettingsFailures.fileName, file.path, "the file's name \(error.reason)", error.suggestion)
        }
    }
}
