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

    package static let all = [cannotOpen, newerVersion, notDurable, writeFailed, full, locked, notPending]
}

extension FailureKind {
    package func failure(_ message: String, suggestion: String? = nil, detail: String? = nil) -> Failure {
        Failure(self, message, suggestion: suggestion, detail: detail)
    }
}
