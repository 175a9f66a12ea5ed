import CCheckedVFS
package import Contracts

/// Where a store lies: a file, and the file system of SQLite's through which it is read and written.
///
/// A plain path leads through the checked file system, which finds out what a disk does not say. An address
/// ("file:/17/node.db?vfs=name", https://www.sqlite.org/uri.html) names the file system itself: a simulated disk.
package struct StoreAddress: Sendable {
    /// The name of the checked file system over that of the operating system.
    private static let checked = "millwright-checked"

    /// SQLITE_MISUSE.
    private static let misuse: Int32 = 21

    /// The file's path within its file system.
    package let path: String
    private let fileSystem: String

    /// Throws ``StoreFailures/cannotOpen`` where SQLite cannot be given a file system by name.
    package init(_ text: String) throws {
        guard text.hasPrefix("file:") else {
            (path, fileSystem) = (text, Self.checked)
            try Self.register(Self.checked, over: nil)
            return
        }
        let parts = text.dropFirst(5).split(separator: "?", maxSplits: 1)
        let parameters = parts.count > 1 ? parts[1].split(separator: "&") : []
        path = parts.first.map(String.init) ?? ""
        fileSystem = parameters.first { $0.hasPrefix("vfs=") }.map { String($0.dropFirst(4)) } ?? "unix"
    }

    private init(path: String, fileSystem: String) {
        (self.path, self.fileSystem) = (path, fileSystem)
    }

    /// Puts the checks over another of SQLite's file systems, under a name of its own; nil: over the system's.
    /// `syncsMarks`: so that a sync that the disk only pretends to make is found out too, for one more sync a commit.
    package static func register(_ name: String, over base: String?, syncsMarks: Bool = false) throws {
        let code = millwright_checked_register(name, base, syncsMarks)
        guard code != Self.misuse else {
            throw StoreFailures.cannotOpen.failure(
                "this SQLite takes no file addresses",
                suggestion: "Install a libsqlite3 that was built with SQLITE_USE_URI, as Linux distributions do.")
        }
        guard code == 0 else {
            throw StoreFailures.cannotOpen.failure("SQLite has no file system \(base ?? "of its own") (code \(code))")
        }
    }

    /// The address of the file beside this one whose name goes on with `suffix`.
    func beside(_ suffix: String) -> StoreAddress { StoreAddress(path: path + suffix, fileSystem: fileSystem) }

    /// What SQLite opens it by.
    package var url: String {
        let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        var escaped = ""
        for byte in path.utf8 {
            if unreserved.contains(byte) {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                escaped += byte < 16 ? "%0" : "%"
                escaped += String(byte, radix: 16)
            }
        }
        return "file:\(escaped)?vfs=\(fileSystem)"
    }

    /// What SQLite opens it by to read whatever is whole of a damaged one.
    var salvageURL: String { url + "&salvage=1" }

    // MARK: - Whole files, below the checks

    /// Whether there is such a file, and not an empty one.
    func exists() throws -> Bool {
        var isThere = false
        try check(millwright_file_exists(fileSystem, path, &isThere), "look for")
        return isThere
    }

    /// Removes it; nothing happens where there is none.
    func remove() throws { try check(millwright_file_remove(fileSystem, path), "remove") }

    /// Makes a small file of it, durably.
    func put(_ text: String) throws {
        var bytes = Array(text.utf8)
        try check(millwright_file_put(fileSystem, path, &bytes, Int32(bytes.count)), "write")
    }

    /// Copies it, durably, over what is at `destination`.
    func copy(to destination: StoreAddress) throws {
        try check(millwright_file_copy(fileSystem, path, destination.path), "copy")
    }

    /// Gives it another name, durably, in place of what has that name.
    func move(to destination: StoreAddress) throws {
        try check(millwright_file_move(fileSystem, path, destination.path), "move")
    }

    private func check(_ code: Int32, _ action: String) throws {
        guard code != 0 else { return }
        throw StoreFailures.cannotOpen.failure("cannot \(action) the file \(path): SQLite's code \(code)")
    }
}
