import Contracts
import ExactJSON

/// What a followed file's positions are called.
enum PositionName {
    /// How far the file of this key was read.
    static func file(_ key: FileKey) -> String { "file:\(key)" }
    /// Which file was last read at this path.
    static func path(_ path: String) -> String { "path:\(path)" }
    /// Which file an inode is.
    static func inode(_ identity: String) -> String { "inode:\(identity)" }

    /// How many entries the register of files has had.
    static let count = "followed"
    /// One place of the register.
    static func place(_ number: Int) -> String { "followed:\(number)" }
    /// The number of a file's last entry in the register.
    static func entry(_ key: FileKey) -> String { "entry:\(key)" }
    /// The highest generation that was forgotten of the files whose digests end so.
    static func floor(_ key: FileKey) -> String { "forgotten:\(key.digest % 4_096)" }

    /// The two ways to a file's key other than its content.
    static func pointers(path: String, identity: String, key: FileKey) -> [SourcePosition] {
        [
            SourcePosition(
                name: self.path(path), value: ["key": .string(key.description), "identity": .string(identity)]),
            SourcePosition(name: inode(identity), value: .string(key.description)),
        ]
    }
}
