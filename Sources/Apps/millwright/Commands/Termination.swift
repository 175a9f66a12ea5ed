import Dispatch
import Foundation
import Synchronization

/// Ends work in good order when the process is told to stop: Ctrl-C (SIGINT), SIGTERM, or the end of its ``Lifeline``.
enum Termination {
    /// Runs `body` until it returns or the process is told to stop; then `body` is cancelled and waited for.
    static func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let work = Task { try await body() }
        let sources = listen { work.cancel() } + Lifeline.listen { work.cancel() }
        defer { for source in sources { source.cancel() } }
        do {
            try await work.value
        } catch is CancellationError {
            // Asked to stop, and stopped.
        }
    }

    /// Calls `stop` at the first signal to stop; the second one ends the process at once, with exit code 130.
    static func listen(_ stop: @escaping @Sendable () -> Void) -> [any DispatchSourceProtocol] {
        let heard = Mutex(false)
        return [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isSecond = heard.withLock { heard in
                    defer { heard = true }
                    return heard
                }
                if isSecond { exit(130) }
                stop()
            }
            source.resume()
            return source
        }
    }
}

/// Hears when somebody wants the settings to be read again (SIGHUP).
enum HangupSignal {
    /// Before anybody listens: a node that is just starting reads its settings anyway, and would end at the signal.
    static func outlive() { signal(SIGHUP, SIG_IGN) }

    /// Calls `ask` at each such signal, until what is returned is cancelled.
    static func listen(_ ask: @escaping @Sendable () -> Void) -> any DispatchSourceProtocol {
        outlive()
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
        source.setEventHandler(handler: ask)
        source.resume()
        return source
    }
}

/// Ties a process to the one that started it: the standard input is a pipe that ends when the starter does, however it
/// ends, so that no killed demo leaves nodes running.
enum Lifeline {
    /// Set in the environment of a tied process.
    static let variable = "MILLWRIGHT_LIFELINE"

    /// Calls `stop` when the starter is gone; nothing where this process is not tied to one.
    static func listen(_ stop: @escaping @Sendable () -> Void) -> [any DispatchSourceProtocol] {
        guard ProcessInfo.processInfo.environment[variable] != nil else { return [] }
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
        source.setEventHandler {
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 0 else { return }
            source.cancel()
            stop()
            // Nobody waits for this process any more, and nothing it holds is lost by a hard end.
            DispatchQueue.global().asyncAfter(deadline: .now() + 5) { exit(1) }
        }
        source.resume()
        return [source]
    }
}
