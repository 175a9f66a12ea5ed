import Canonical
import Contracts

/// How a folder is followed: what the settings say, in types.
struct FollowOptions: Sendable {
    /// What is said when a file became shorter than what was read of it.
    enum Truncation: String, Sendable { case report, expected }

    var source: SourceName
    var asset: AssetID
    /// The folder, absolute.
    var root: String
    var pattern: GlobPattern
    var format: FormatOptions
    var time: RecordClock.Options
    var poll: Duration
    var quiet: Duration
    var truncation: Truncation
    /// Files that were not changed for so long are not read.
    var ignoreOlder: Duration?
    /// The most files that are followed at once.
    var maximumFiles: Int
    var limits: Limits

    /// Bytes of one read.
    static let chunk = 256 << 10
    /// How long a file that was rotated away is looked at after its last change.
    static let rotatedPatience = Duration.seconds(600)
    /// Records of one call of the intake.
    var batch: Int { max(1, min(1_000, limits.batchEvents)) }
    /// Bytes of a file that are kept in memory at most.
    var maximumWindow: Int { format.maximum + 2 * Self.chunk + FilePosition.guardLength }

    func absolute(_ path: String) -> String { root + "/" + path }

    /// The name of a file's records, where they do not name themselves.
    func record(for path: String) -> String {
        if let record = format.record { return record }
        let name = FileKey.stem(of: path).split(separator: "/").last ?? ""
        guard let dot = name.dropFirst().lastIndex(of: ".") else { return String(name) }
        return String(name[..<dot])
    }
}
