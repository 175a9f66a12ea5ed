import World

/// Finds the files of a folder that fit a pattern.
struct FolderScan: Sendable {
    /// Folders below one another that `**` goes into.
    static let maximumDepth = 16

    let root: String
    let pattern: GlobPattern
    /// The most files that are returned.
    let maximum: Int
    /// Whether symbolic links are followed. Where others put the files in, they could lead to any file that the node
    /// may read.
    var followsLinks = true

    /// What was found: paths below the root, sorted.
    struct Found: Sendable {
        var paths: [String] = []
        /// Whether there are more than the maximum.
        var isCut = false
        /// Folders below the root that could not be listed.
        var failures: [DiskFailure] = []
        /// What fits the pattern and has a name that is no UTF-8, shown with escapes: it cannot be opened.
        var broken: Set<String> = []
    }

    /// Looks at the folders that the pattern can reach. Throws where the root itself cannot be listed.
    func run(_ disk: any Disk) throws(DiskFailure) -> Found {
        var found: Set<String> = []
        var result = Found()
        let top = try disk.list(root).filter { isAllowed($0, "", &result) }
        for parts in pattern.alternatives {
            descend("", top, parts[...], 0, disk, &found, &result)
        }
        result.paths = found.sorted()
        if result.paths.count > maximum {
            result.isCut = true
            result.paths.removeFirst(result.paths.count - maximum)
        }
        return result
    }

    private func descend(
        _ folder: String, _ entries: [DiskEntry], _ parts: ArraySlice<GlobPattern.Part>, _ depth: Int, _ disk: any Disk,
        _ found: inout Set<String>, _ result: inout Found
    ) {
        guard let part = parts.first, depth <= Self.maximumDepth else { return }
        let rest = parts.dropFirst()
        switch part {
        case .name(let name):
            for entry in entries where GlobPattern.matches(name, name: entry.name) {
                let path = folder + entry.name
                if entry.isNameBroken {
                    if rest.isEmpty != entry.isDirectory { result.broken.insert(path) }
                } else if rest.isEmpty {
                    if !entry.isDirectory { found.insert(path) }
                } else if entry.isDirectory, let below = list(path, disk, &result) {
                    descend(path + "/", below, rest, depth + 1, disk, &found, &result)
                }
            }
        case .anyFolders:
            // `**` as the last part stands for all files below.
            let rest = rest.isEmpty ? [.name("*")] : rest
            descend(folder, entries, rest, depth, disk, &found, &result)
            for entry in entries where entry.isDirectory && !entry.name.hasPrefix(".") {
                let path = folder + entry.name
                if entry.isNameBroken {
                    result.broken.insert(path)
                    continue
                }
                guard let below = list(path, disk, &result) else { continue }
                descend(path + "/", below, parts, depth + 1, disk, &found, &result)
            }
        }
    }

    /// Whether the entry may be looked at; a link that may not is among the failures.
    private func isAllowed(_ entry: DiskEntry, _ folder: String, _ result: inout Found) -> Bool {
        guard entry.isLink, !followsLinks else { return true }
        result.failures.append(
            DiskFailure(
                operation: "take", path: "\(root)/\(folder)\(entry.name)", reason: .denied,
                detail: "it is a symbolic link, and only files themselves are taken from here"))
        return false
    }

    private func list(_ path: String, _ disk: any Disk, _ result: inout Found) -> [DiskEntry]? {
        do {
            return try disk.list(root + "/" + path).filter { isAllowed($0, path + "/", &result) }
        } catch {
            // A folder that went away since it was listed is none.
            if error.reason != .notFound { result.failures.append(error) }
            return nil
        }
    }
}
