import Foundation

/// Runs `body` on a thread with a stack of 512 KiB, the smallest that a caller of the library may have.
func onSmallStack<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: body()) }
        thread.stackSize = (512 << 10) * stackFactor
        thread.start()
    }
}

/// How much more stack the same code takes here: `STACK_FACTOR`, which sanitized runs set, else 1.
private let stackFactor = max(1, Int(ProcessInfo.processInfo.environment["STACK_FACTOR"] ?? "") ?? 1)
