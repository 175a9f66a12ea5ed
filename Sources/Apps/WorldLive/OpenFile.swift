import Glibc
import World

/// An open file descriptor that closes itself, and the system calls on it with their errors as ``DiskFailure``.
struct OpenFile: ~Copyable {
    private let descriptor: Int32
    private let operation: String
    private let path: String

    /// Opens `path`; `operation` is the word that errors use.
    init(_ path: String, _ operation: String, flags: Int32, mode: mode_t = 0) throws(DiskFailure) {
        guard !path.utf8.contains(0) else {
            throw DiskFailure(
                operation: operation, path: path, reason: .other, detail: "a path must not hold a zero byte")
        }
        let descriptor = Self.retrying { open(path, flags | O_CLOEXEC, mode) }
        guard descriptor >= 0 else { throw DiskFailure.last(operation, path) }
        self.descriptor = descriptor
        self.operation = operation
        self.path = path
    }

    deinit { close(descriptor) }

    /// Repeats a call that a signal interrupted.
    static func retrying<R: SignedInteger>(_ call: () -> R) -> R {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    func status() throws(DiskFailure) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        return status
    }

    /// At most `count` bytes from `offset`; fewer only at the end of the file.
    func read(from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        var problem: DiskFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = Self.retrying {
                    pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
                }
                guard got >= 0 else {
                    problem = failure()
                    return
                }
                if got == 0 { return }
                filled += got
            }
        }
        if let problem { throw problem }
        return bytes
    }

    /// Writes all bytes at the descriptor's position (the end, where it was opened for appending).
    func write(_ bytes: [UInt8]) throws(DiskFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Self.retrying {
                    Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
                }
            }
            guard count >= 0 else { throw failure() }
            written += count
        }
    }

    func truncate(to size: Int) throws(DiskFailure) {
        guard Self.retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else { throw failure() }
    }

    func setMode(_ mode: mode_t) throws(DiskFailure) {
        guard fchmod(descriptor, mode) == 0 else { throw failure() }
    }

    /// Data and the metadata that is needed to read it back (`fdatasync`).
    func syncData() throws(DiskFailure) {
        guard Self.retrying({ fdatasync(descriptor) }) == 0 else { throw failure() }
    }

    /// Data and all metadata (`fsync`); on a directory: its entries.
    func sync() throws(DiskFailure) {
        guard Self.retrying({ fsync(descriptor) }) == 0 else { throw failure() }
    }

    private func failure() -> DiskFailure { DiskFailure.last(operation, path) }
}

extension DiskFailure {
    /// The failure that `errno` tells of.
    static func last(_ operation: String, _ path: String) -> DiskFailure {
        DiskFailure(operation, path, code: errno)
    }

    init(_ operation: String, _ path: String, code: Int32) {
        let reason: Reason =
            switch code {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM, EROFS: .denied
            case ENOSPC, EDQUOT: .full
            case EEXIST, ENOTEMPTY: .exists
            default: .other
            }
        self.init(operation: operation, path: path, reason: reason, detail: String(cString: strerror(code)))
    }
}
