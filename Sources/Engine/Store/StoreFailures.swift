package import Contracts

/// What can go wrong with the store.
package enum StoreFailures {
    package static let cannotOpen = FailureKind(
        "STORE-001", "the store cannot be opened",
        remedy: "Check that the path exists, belongs to this user and is on a local disk, then start again.")
    package static let newerVersion = FailureKind(
        "STORE-002", "the store was written by a newer version",
        remedy: "Start the newer version of millwright again; a store never goes back.")
    package static let notDurable = FailureKind(
        "STORE-003", "the database does not confirm synchronous=FULL with a write-ahead log",
        remedy: "Move the store to a local file system that supports SQLite's write-ahead log.")
    package static let writeFailed = FailureKind(
        "STORE-004", "the store could not commit",
        remedy:
            "Nothing of this was stored and nothing was acknowledged; it is tried again. Check disk space and disk health."
    )
    package static let full = FailureKind(
        "STORE-005", "the store has reached its ceiling",
        remedy: "Intake waits until targets catch up. Look at what is late, or raise store.ceiling.")
    package static let locked = FailureKind(
        "STORE-006", "another process runs this node's store",
        remedy: "Stop the other millwright process, or give this node a store of its own.")
    package static let notPending = FailureKind(
        "STORE-007", "a delivery is not pending any more",
        remedy: "Nothing was sent. The node reads what is pending anew by itself.")
    package static let damaged = FailureKind(
        "STORE-008", "the store is damaged: what was read is not what was written",
        remedy:
            "The node mends it by itself as it starts again: what can be read is kept. Replace the disk if it repeats.")
    package static let lostRows = FailureKind(
        "STORE-009", "a part of the store could not be read any more",
        remedy:
            "The damaged file is kept, see where. Have the source send that time again; then discard this.")
    package static let lostCommits = FailureKind(
        "STORE-010", "commits that were on the disk are gone",
        remedy:
            "The disk is not to be trusted: replace it. Have sources send again what they hold; then discard this.")
    package static let lostCommand = FailureKind(
        "STORE-011", "the record of a command is lost, and with it whether it was sent",
        remedy: "Look in the target whether it was done. If so discard this, else resubmit it.")
    package static let notAStore = FailureKind(
        "STORE-012", "the file is not a store of millwright",
        remedy: "Give the path of a store's node.db, or of a backup that `millwright store backup` made.")
    package static let exists = FailureKind(
        "STORE-013", "there is something already where the file should go",
        remedy: "Move it away or give another path; nothing is ever written over.")

    package static let damagedAgain = FailureKind(
        "STORE-014", "the store is damaged again and again: it is mended once an hour only",
        remedy:
            "Copy the store's folder to another disk, point `store.path` there, and run `millwright store repair`.")

    package static let all = [
        cannotOpen, newerVersion, notDurable, writeFailed, full, locked, notPending, damaged, lostRows, lostCommits,
        lostCommand, notAStore, exists, damagedAgain,
    ]
}

extension FailureKind {
    package func failure(_ message: String, suggestion: String? = nil, detail: String? = nil) -> Failure {
        Failure(self, message, suggestion: suggestion, detail: detail)
    }
}
