import Canonical
import Contracts
import FaultDisk
import SimulatedWorld
import Store
import World

/// What a person does to a store while no node runs it, and the backup that there is of it.
struct StoreTreatment {
    /// A backup that was told to be whole.
    struct Backup {
        let path: String
        /// That of the store at the time.
        let epoch: String
    }

    /// What the doctor works in: that of the node's machine.
    let world: (PlantNode, SimulatedProcess) -> World
    /// The planted bug: the restored store goes on under the epoch of the backup.
    let keepsEpoch: Bool
    var backup: Backup?
    var isRestoring = false
    var isRepairing = false

    init(keepsEpoch: Bool, world: @escaping (PlantNode, SimulatedProcess) -> World) {
        self.keepsEpoch = keepsEpoch
        self.world = world
    }

    /// Does what there is to do, and says what that was. Throws where the disk refuses: it is tried again.
    mutating func run(_ node: PlantNode, _ process: SimulatedProcess) throws -> [String] {
        var done: [String] = []
        if isRestoring, let backup {
            _ = try StoreDoctor.restore(from: backup.path, to: node.store, world: world(node, process))
            if keepsEpoch {
                _ = node.disk.execute(
                    "UPDATE meta SET value = '\(backup.epoch)' WHERE name = 'epoch'", on: node.store)
            }
            isRestoring = false
            done.append("restored")
        }
        if isRepairing {
            if try StoreDoctor.repair(node.store, world: world(node, process)) != nil { done.append("repaired") }
            isRepairing = false
        }
        return done
    }

    /// A store that is damaged too often for the node to mend it is mended by hand.
    mutating func noteRefusal(_ error: any Error) {
        if (error as? Failure)?.kind == StoreFailures.damagedAgain { isRepairing = true }
    }

    /// The disk is gone, and all that was on it.
    mutating func forget() {
        backup = nil
        isRestoring = false
        isRepairing = false
    }
}

/// The store's own checks over the fault disks, made known to SQLite once.
enum CheckedDisks {
    private static let name = "millwright-checked-plant"
    private static let registration = Result { try StoreAddress.register(name, over: FaultDisk.fileSystem) }

    /// The file system's name. Throws ``StoreFailures/cannotOpen`` where SQLite does not take it.
    static var fileSystem: String {
        get throws {
            try registration.get()
            return name
        }
    }
}
