import Foundation

/// Keeps two processes from running one store: an advisory lock on a file beside it, gone with the process.
struct StoreLock {
    private let descriptor: Int32

    init(_ folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/lock"
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(description: "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw CommandFailure(
                description:
                    "STORE-006 another process runs the store in \(folder). Stop it, or give this node a store of its own"
            )
        }
    }

    func release() { close(descriptor) }
}
