import Canonical
import Contracts
import ExactJSON
import GRDB
package import World

extension StoreDoctor {
    /// Puts the backup at `source` in the place of the store at `path`, which is kept beside it where there is one.
    /// The store begins a new epoch: its own streams count anew, and whoever sends to it is asked for what it forgot.
    /// Returns where the store before lies now, or nil. No node may run it.
    package static func restore(from source: String, to path: String, world: World) throws -> String? {
        let backup = try require(source)
        let address = try StoreAddress(path)
        let found = try check(source)
        guard found.isWhole else {
            throw StoreFailures.damaged.failure(
                "the backup \(source) is damaged: \(found.findings.first ?? "\(found.damagedPages) pages")",
                suggestion: "Take an older backup, or run `millwright store repair` on a copy of this one.")
        }
        let mending = StoreMending(address, world: world)
        try mending.finish()
        let hadStore = try address.exists()
        let now = world.clock.now()
        var setAside = ""
        let old = try StoreConnection.openForReading(backup)
        defer { try? old.close() }
        try mending.replace(old: "replaced", now: now) { fresh, name in
            setAside = name
            try old.read { db in try fresh.writeWithoutTransaction { try db.backup(to: $0) } }
            try fresh.write { db in
                try StoreSchema.migrate(db)
                let transaction = StoreTransaction(db: db, names: NameTable())
                let rebirth = StoreRebirth(epoch: world.entropy.uuidV7(at: now), now: now)
                _ = try rebirth.begin(transaction)
                try rebirth.doubt(transaction)
                try transaction.audit("store.restored", actor: "store", detail: ["from": .string(source)], now: now)
            }
        }
        return hadStore ? setAside : nil
    }
}
