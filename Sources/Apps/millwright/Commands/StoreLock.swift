import Contracts
import Foundation
import Store
import World
import WorldLive

/// Keeps two processes from running one store: an advisory lock on a file beside it, gone with the process.
struct StoreLock {
    private let descriptor: Int32

    /// `advice`: what to do where another process has it; nil for what a node that starts is told.
    init(_ folder: String, advice: String? = nil) throws(Failure) {
        do {
            try LiveDisk().makeDirectory(folder)
        } catch {
            throw Self.closed(folder, error.detail)
        }
        let path = folder + "/lock"
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.closed(folder, String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreFailures.locked.failure("another process runs the store in \(folder)", suggestion: advice)
        }
    }

    func release() { close(descriptor) }

    /// The folder cannot be made, or nothing in it, by whoever runs this.
    static func closed(_ folder: String, _ reason: String) -> Failure {
        let user = NSUserName()
        return StoreFailures.cannotOpen.failure(
            "the store's folder \(folder) cannot be used by the user \(user): \(reason)",
            suggestion: "Make the folder and give it to the user (chown \(user) \(folder)), or set store.path in "
                + "millwright.yaml to another one.")
    }
}
