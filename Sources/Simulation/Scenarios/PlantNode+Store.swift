import FaultDisk
import SimulatedWorld
import Store

// What happens to the store of a node beside its work.
extension PlantNode {
    /// Takes a backup beside the running node; nothing happens where there is nothing to copy, or the disk refuses.
    func takeBackup() {
        guard isUp, disk.size(of: Self.storeFile) != nil, treatment.backup == nil else { return }
        guard let report = try? StoreDoctor.backup(store, to: backup) else { return }
        treatment.backup = StoreTreatment.Backup(path: backup, epoch: report.epoch)
        count("backup")
    }

    /// Ends the process; before the next one begins, the backup takes the store's place.
    func restore(back pause: Duration) {
        guard treatment.backup != nil else { return }
        treatment.isRestoring = true
        end(losesPower: false, back: pause)
    }

    /// Ends the process; before the next one begins, the whole store is looked at, and mended where it must be.
    func lookThrough() {
        treatment.isRepairing = disk.size(of: Self.storeFile) != nil
        end(losesPower: false, back: .seconds(1))
    }

    /// Turns over a bit of the store, of its log or of its checksums, each as likely as it is large.
    func rot() {
        let files = ["", "-wal", "-sums"].map { Self.storeFile + $0 }
        let sizes = files.map { disk.size(of: $0) ?? 0 }
        var place = Int(draw() % UInt64(max(1, sizes.reduce(0, +))))
        for (file, size) in zip(files, sizes) {
            if place < size {
                if disk.flipBit(Int(draw() % 8), at: place, of: file) { count("bitRot") }
                return
            }
            place -= size
        }
    }
}
