import Foundation
import Synchronization

/// Standard output and standard error, written so that nothing that becomes of them ends the process: a node goes on
/// where its log cannot be written, and a command does what it was asked for though nobody reads what it says.
struct StandardStream: ~Copyable, Sendable {
    static let output = StandardStream(STDOUT_FILENO)
    static let errors = StandardStream(STDERR_FILENO)

    /// Milliseconds that a reader who takes nothing is waited for, where the stream does not wait by itself.
    private static let patience: Int32 = 2_000

    private let descriptor: Int32
    /// The first error that is more than a reader who has gone.
    private let firstError = Mutex<Int32?>(nil)
    private let isUnread = Mutex(false)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Writes on a closed pipe are answered with an error instead of the process's end.
    static func outliveReaders() { signal(SIGPIPE, SIG_IGN) }

    /// Whether the reader has gone: nothing that is written is read any more.
    var hasNoReader: Bool { isUnread.withLock { $0 } }

    /// Why something could not be written; nil where all was, or the reader has gone, which is its own business.
    var failure: String? { firstError.withLock { $0.map { String(cString: strerror($0)) } } }

    /// Writes all of `bytes`, or says in ``hasNoReader`` and ``failure`` why not.
    borrowing func write(_ bytes: [UInt8]) {
        guard !hasNoReader else { return }
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN || errno == EINTR {
                    guard errno == EINTR || isReady() else { return note(EAGAIN) }
                } else {
                    return note(errno)
                }
            }
        }
    }

    private borrowing func isReady() -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&waiting, 1, failure == nil ? Self.patience : 0) > 0
    }

    private borrowing func note(_ error: Int32) {
        if error == EPIPE {
            isUnread.withLock { $0 = true }
        } else {
            firstError.withLock { $0 = $0 ?? error }
        }
    }
}
