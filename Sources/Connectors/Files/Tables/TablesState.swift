import Canonical
import Contracts
import ExactJSON

/// Where the files of a tables target stand: stored beside them **before** each change, so that after a crash the files
/// show what became of it.
struct TablesState: Sendable, Hashable {
    /// Commands that are remembered as written: more than can be under way at a time.
    static let remembered = 256

    /// What was about to be written.
    struct Pending: Sendable, Hashable {
        /// Which command.
        var key: String
        /// Its length, and what it is.
        var count: Int
        var digest: String
        /// A file of its own: whether it lies whole and synced under its hidden name.
        var isWhole = false
    }

    /// A command that was written, and where.
    struct Written: Sendable, Hashable {
        var key: String
        var file: String
        var offset: Int
    }

    /// The file's name and number; none before the first.
    var segment = ""
    var number = 0
    /// When the file was begun.
    var opened = Instant(microseconds: 0)
    /// The file's size before what is pending.
    var size = 0
    var pending: Pending?
    /// The last commands that were written, the latest at the end.
    var done: [Written] = []

    init() {}

    var json: JSON {
        var value: JSON = [
            "segment": .string(segment), "number": .int(number), "opened": .string(opened.description),
            "size": .int(size), "done": .array(done.map { [.string($0.key), .string($0.file), .int($0.offset)] }),
        ]
        if let pending {
            value["pending"] = [
                "key": .string(pending.key), "count": .int(pending.count), "digest": .string(pending.digest),
                "whole": .bool(pending.isWhole),
            ]
        }
        return value
    }

    /// Nil where the document is none of this kind.
    init?(_ json: JSON) {
        guard let segment = json["segment"]?.string, let number = json["number"]?.int, let size = json["size"]?.int,
            size >= 0, let opened = json["opened"]?.string.flatMap({ Instant(text: $0) }),
            let done = json["done"]?.array
        else { return nil }
        for entry in done {
            guard let key = entry[0]?.string, let file = entry[1]?.string, let offset = entry[2]?.int else {
                return nil
            }
            self.done.append(Written(key: key, file: file, offset: offset))
        }
        if let pending = json["pending"] {
            guard let key = pending["key"]?.string, let count = pending["count"]?.int, count >= 0,
                let digest = pending["digest"]?.string, let isWhole = pending["whole"]?.bool
            else { return nil }
            self.pending = Pending(key: key, count: count, digest: digest, isWhole: isWhole)
        }
        (self.segment, self.number, self.opened, self.size) = (segment, number, opened, size)
    }

    /// What was pending is written, and the file has `size` bytes now.
    mutating func settle(size: Int) {
        if let pending {
            done.append(Written(key: pending.key, file: segment, offset: self.size))
            if done.count > Self.remembered { done.removeFirst(done.count - Self.remembered) }
        }
        pending = nil
        self.size = size
    }
}
