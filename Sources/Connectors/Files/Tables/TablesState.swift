import Canonical
import Contracts
import ExactJSON

/// Where the files of a tables target stand: stored beside them **before** each change, so that after a crash the files
/// show what became of it.
struct TablesState: Sendable, Hashable {
    /// Commands that are remembered as written: more than a lane has under way (``Limits/openCommands``). A command can
    /// wait longer than that, where its flow is paused before anybody asked what became of it; ``forgotten`` tells.
    static let remembered = 1_024
    /// How many were, where the position file holds no times.
    private static let rememberedBefore = 256
    /// Bytes of an idempotency key that stand in a name as they are.
    private static let keyBytes = 160

    /// What was about to be written.
    struct Pending: Sendable, Hashable {
        /// Which command.
        var key: String
        /// Its length, and what it is.
        var count: Int
        var digest: String
        /// When the attempt began that writes it.
        var started: Instant
        /// A file of its own: whether it lies whole and synced under its hidden name.
        var isWhole = false
    }

    /// A command that was written, and where.
    struct Written: Sendable, Hashable {
        var key: String
        var file: String
        var offset: Int
        /// When the attempt began that wrote it.
        var started: Instant
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
    /// The latest begin of an attempt whose command is not remembered any more. What began after it, and is not
    /// remembered, was not written; of what began before, nothing can be said. Nil where nothing was forgotten.
    var forgotten: Instant?

    init() {}

    /// Names a command, in few bytes whatever its key is: the source of a fact chooses that. A long one stands with its
    /// beginning, which holds flow and source, so that no source can make a name that is another one's.
    static func key(_ idempotencyKey: String, _ command: Int64) -> String { prefix(idempotencyKey) + String(command) }

    /// What the names of an idempotency key's commands begin with, in whatever store they got their number.
    static func prefix(_ idempotencyKey: String) -> String {
        let bytes = Array(idempotencyKey.utf8)
        guard bytes.count > keyBytes else { return idempotencyKey + "#" }
        return String(decoding: bytes.prefix(keyBytes), as: UTF8.self) + "…" + Fingerprint.text(of: bytes) + "#"
    }

    /// The name of what the versions before this one stored under a whole key.
    private static func shortened(_ key: String) -> String {
        guard let mark = key.lastIndex(of: "#"), let command = Int64(key[key.index(after: mark)...]) else { return key }
        return self.key(String(key[..<mark]), command)
    }

    var json: JSON {
        let entries = done.map { written -> JSON in
            [
                .string(written.key), .string(written.file), .int(written.offset),
                .int(Int(written.started.microseconds)),
            ]
        }
        var value: JSON = [
            "segment": .string(segment), "number": .int(number), "opened": .string(opened.description),
            "size": .int(size), "done": .array(entries),
        ]
        if let forgotten { value["forgotten"] = .int(Int(forgotten.microseconds)) }
        if let pending {
            value["pending"] = [
                "key": .string(pending.key), "count": .int(pending.count), "digest": .string(pending.digest),
                "whole": .bool(pending.isWhole), "started": .int(Int(pending.started.microseconds)),
            ]
        }
        return value
    }

    /// Nil where the document is none of this kind. One that was stored without times is understood as of `now`.
    init?(_ json: JSON, now: Instant) {
        guard let segment = json["segment"]?.string, let number = json["number"]?.int, let size = json["size"]?.int,
            size >= 0, let opened = json["opened"]?.string.flatMap({ Instant(text: $0) }),
            let done = json["done"]?.array
        else { return nil }
        forgotten = json["forgotten"]?.int.map { Instant(microseconds: Int64($0)) }
        for entry in done {
            guard let key = entry[0]?.string, let file = entry[1]?.string, let offset = entry[2]?.int else {
                return nil
            }
            if let microseconds = entry[3]?.int {
                let started = Instant(microseconds: Int64(microseconds))
                self.done.append(Written(key: key, file: file, offset: offset, started: started))
            } else {
                self.done.append(Written(key: Self.shortened(key), file: file, offset: offset, started: now))
                // It kept the last ones, and did not say whether there were more.
                if done.count >= Self.rememberedBefore { forgotten = now }
            }
        }
        if let pending = json["pending"] {
            guard let key = pending["key"]?.string, let count = pending["count"]?.int, count >= 0,
                let digest = pending["digest"]?.string, let isWhole = pending["whole"]?.bool
            else { return nil }
            let started = pending["started"]?.int.map { Instant(microseconds: Int64($0)) }
            self.pending = Pending(
                key: started == nil ? Self.shortened(key) : key, count: count, digest: digest, started: started ?? now,
                isWhole: isWhole)
        }
        (self.segment, self.number, self.opened, self.size) = (segment, number, opened, size)
    }

    /// What was pending is written, and the file has `size` bytes now.
    mutating func settle(size: Int) {
        if let pending {
            done.append(Written(key: pending.key, file: segment, offset: self.size, started: pending.started))
            let surplus = done.prefix(max(0, done.count - Self.remembered))
            forgotten = (surplus.map(\.started) + [forgotten].compactMap { $0 }).max()
            done.removeFirst(surplus.count)
        }
        pending = nil
        self.size = size
    }
}
