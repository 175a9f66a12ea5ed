package import Canonical
package import Contracts
import ExactJSON
import Synchronization
package import World

/// The hub's list of the nodes that it takes events from, with their keys: a JSON file in its data folder. It is read
/// again as soon as it changed, so that enrolling and revoking need no restart.
package final class EnrolledNodes: Sendable {
    /// One key of a node.
    package struct Entry: Sendable, Hashable {
        package let node: NodeID
        package let key: NodePublicKey
        package let enrolled: Instant
        /// Who enrolled it.
        package let by: String
        /// Nil while the key is good.
        package let revoked: Instant?

        package init(node: NodeID, key: NodePublicKey, enrolled: Instant, by: String, revoked: Instant? = nil) {
            self.node = node
            self.key = key
            self.enrolled = enrolled
            self.by = by
            self.revoked = revoked
        }
    }

    private struct Cache {
        var identity = ""
        var entries: [Entry] = []
    }

    /// Bytes of the largest list that is read.
    private static let maximumBytes = 4 << 20

    private let path: String
    private let disk: any Disk
    private let cache = Mutex(Cache())

    package init(path: String, disk: any Disk) {
        self.path = path
        self.disk = disk
    }

    /// All entries, revoked ones too, as they were enrolled; empty where nobody was enrolled yet.
    /// Throws ``SecurityFailures/enrolment`` where the file cannot be read.
    package func entries() throws(Failure) -> [Entry] {
        do {
            guard let status = try disk.status(path) else { return [] }
            let identity = "\(status.identity) \(status.size) \(status.modified.microseconds)"
            if let known = cache.withLock({ $0.identity == identity ? $0.entries : nil }) { return known }
            guard status.size <= Self.maximumBytes else {
                throw failure("has \(status.size) bytes, and at most \(Self.maximumBytes) are read")
            }
            let entries = try read(try JSONReader.read(disk.read(path, from: 0, upTo: Self.maximumBytes)))
            cache.withLock { $0 = Cache(identity: identity, entries: entries) }
            return entries
        } catch let failure as Failure {
            throw failure
        } catch {
            throw failure("cannot be read: \(error)")
        }
    }

    /// The node's key with this id, if it is good. Throws ``SecurityFailures/notEnrolled``, which says why it is not.
    package func key(of node: NodeID, id: String) throws(Failure) -> NodePublicKey {
        let ofNode = try entries().filter { $0.node == node }
        guard !ofNode.isEmpty else {
            throw Failure(SecurityFailures.notEnrolled, "the node \(node) is not enrolled")
        }
        let named = ofNode.filter { $0.key.keyID == id }
        if let good = named.first(where: { $0.revoked == nil }) { return good.key }
        if let revoked = named.last?.revoked {
            throw Failure(SecurityFailures.notEnrolled, "the key \(id) of the node \(node) was revoked at \(revoked)")
        }
        throw Failure(SecurityFailures.notEnrolled, "the key \(id) is none of the node \(node)'s")
    }

    /// Adds a key. A node may have several, so that keys can be changed without a stop; one that is enrolled already
    /// is left as it is. A key that another node has is refused: a signature must tell who signed. Returns whether it
    /// was added.
    @discardableResult
    package func enrol(_ node: NodeID, _ key: NodePublicKey, by person: String, now: Instant) throws(Failure) -> Bool {
        var all = try entries()
        if let other = all.first(where: { $0.key == key && $0.node != node && $0.revoked == nil }) {
            throw Failure(
                SecurityFailures.enrolment, "the key \(key.keyID) is the node \(other.node)'s",
                suggestion:
                    "Make a key of its own for \(node) with `millwright keygen`; one key cannot tell two nodes apart."
            )
        }
        guard !all.contains(where: { $0.node == node && $0.key == key && $0.revoked == nil }) else { return false }
        all.append(Entry(node: node, key: key, enrolled: now, by: person))
        try write(all)
        return true
    }

    /// Ends a node's good keys, or only the one with this id. Returns how many it ended.
    @discardableResult
    package func revoke(_ node: NodeID, keyID: String? = nil, now: Instant) throws(Failure) -> Int {
        var count = 0
        var all = try entries()
        for index in all.indices {
            let entry = all[index]
            guard entry.node == node, entry.revoked == nil, keyID == nil || entry.key.keyID == keyID else { continue }
            all[index] = Entry(node: node, key: entry.key, enrolled: entry.enrolled, by: entry.by, revoked: now)
            count += 1
        }
        if count > 0 { try write(all) }
        return count
    }

    private func failure(_ reason: String) -> Failure { Failure(SecurityFailures.enrolment, "\(path) \(reason)") }

    private func write(_ entries: [Entry]) throws(Failure) {
        let rows = entries.map { entry -> JSON in
            [
                "node": .string(entry.node.rawValue), "key": .string(entry.key.description),
                "id": .string(entry.key.keyID), "enrolled": .string(entry.enrolled.description),
                "by": .string(entry.by),
                "revoked": entry.revoked.map { .string($0.description) } ?? .null,
            ]
        }
        // One entry a line, so that a person can read the file and a version control show what changed.
        let lines = rows.map { "  " + $0.description }.joined(separator: ",\n")
        let text = "{\"nodes\": [\n\(lines)\n]}\n"
        guard text.utf8.count <= Self.maximumBytes else {
            throw failure("would get larger than \(Self.maximumBytes) bytes")
        }
        do {
            try disk.replace(path, with: Array(text.utf8), mode: 0o600)
        } catch {
            throw failure("cannot be written: \(error)")
        }
    }

    private func read(_ json: JSON) throws(Failure) -> [Entry] {
        guard let rows = json["nodes"]?.array else { throw failure("has no list \"nodes\"") }
        var entries: [Entry] = []
        for (index, row) in rows.enumerated() {
            let revoked = row["revoked"].flatMap { $0.isNull ? nil : $0 }
            let revokedTime = revoked?.string.flatMap { Instant(text: $0) }
            guard let node = row["node"]?.string, let key = row["key"]?.string.flatMap({ NodePublicKey($0) }),
                let enrolled = row["enrolled"]?.string.flatMap({ Instant(text: $0) }),
                // A revocation that cannot be read must not turn into a key that is good.
                (revoked == nil) == (revokedTime == nil)
            else { throw failure("has an entry that cannot be read: number \(index + 1)") }
            entries.append(
                Entry(
                    node: NodeID(node), key: key, enrolled: enrolled, by: row["by"]?.string ?? "", revoked: revokedTime)
            )
        }
        return entries
    }
}
