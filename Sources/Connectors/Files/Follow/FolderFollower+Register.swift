import Contracts
import ExactJSON

// The register of files: a ring of the files whose positions are stored, so that those of files that are long gone are
// forgotten and positions do not grow without bound.
extension FolderFollower {
    /// Entries of the register, at least. A file gets one when it is begun or renamed and one when it goes away, so the
    /// positions of a file that is gone are kept until there were so many others.
    static let leastRegistered = 50_000

    private struct Entry {
        let key: FileKey
        let path: String
        let identity: String

        init(key: FileKey, path: String, identity: String) {
            self.key = key
            self.path = path
            self.identity = identity
        }

        init?(_ json: JSON) {
            guard let key = json["key"]?.string.flatMap({ FileKey($0) }), let path = json["path"]?.string,
                let identity = json["identity"]?.string
            else { return nil }
            self.init(key: key, path: path, identity: identity)
        }

        var json: JSON {
            ["key": .string(key.description), "path": .string(path), "identity": .string(identity)]
        }
    }

    /// The positions that enter a file into the register, and forget the one whose place it takes. Files that are
    /// followed keep theirs.
    func register(_ key: FileKey, _ path: String, _ identity: String) async throws -> [SourcePosition] {
        let start = try await intake.position(options.source, PositionName.count)?.int ?? 0
        var followed: Set<FileKey>?
        for number in start..<(start + registered) {
            let place = PositionName.place(number % registered)
            var positions: [SourcePosition] = []
            if let old = try await intake.position(options.source, place).flatMap({ Entry($0) }) {
                let keys = followed ?? Set(files.values.compactMap(\.key)).union([key])
                followed = keys
                if try await isLast(old, number) {
                    if keys.contains(old.key) { continue }
                    positions = try await forget(old)
                } else if files[old.path] == nil, try await lastPath(of: old.key) != old.path {
                    positions = try await forgetPath(of: old)
                }
            }
            let entry = Entry(key: key, path: path, identity: identity)
            return positions + [
                SourcePosition(name: place, value: entry.json),
                SourcePosition(name: PositionName.entry(key), value: .int(number)),
                SourcePosition(name: PositionName.count, value: .int(number + 1)),
            ]
        }
        return []
    }

    /// Whether the file has no later entry than the one in the place that number `number` takes.
    private func isLast(_ entry: Entry, _ number: Int) async throws -> Bool {
        guard let last = try await intake.position(options.source, PositionName.entry(entry.key))?.int else {
            return false
        }
        return last % registered == number % registered
    }

    /// The path of the file's last entry.
    private func lastPath(of key: FileKey) async throws -> String? {
        guard let last = try await intake.position(options.source, PositionName.entry(key))?.int,
            let entry = try await intake.position(options.source, PositionName.place(last % registered))
        else { return nil }
        return entry["key"]?.string == key.description ? entry["path"]?.string : nil
    }

    private func forget(_ entry: Entry) async throws -> [SourcePosition] {
        var positions = try await forgetPath(of: entry)
        let inode = PositionName.inode(entry.identity)
        if try await intake.position(options.source, inode)?.string == entry.key.description {
            positions.append(SourcePosition(name: inode, value: .null))
        }
        let floor = try await forgottenGeneration(entry.key)
        return positions + [
            SourcePosition(name: PositionName.file(entry.key), value: .null),
            SourcePosition(name: PositionName.entry(entry.key), value: .null),
            SourcePosition(name: PositionName.floor(entry.key), value: .int(max(floor, entry.key.generation))),
        ]
    }

    /// Forgets which file was last read at the entry's path, unless that is another one by now.
    private func forgetPath(of entry: Entry) async throws -> [SourcePosition] {
        let name = PositionName.path(entry.path)
        let pointer = try await intake.position(options.source, name)
        guard pointer?["key"]?.string == entry.key.description, pointer?["identity"]?.string == entry.identity else {
            return []
        }
        return [SourcePosition(name: name, value: .null)]
    }

    /// The highest generation of the key's digest that may have been forgotten: a new file must not be given it, as its
    /// facts would be taken for those of the forgotten one.
    func forgottenGeneration(_ key: FileKey) async throws -> Int {
        try await intake.position(options.source, PositionName.floor(key))?.int ?? 0
    }
}
