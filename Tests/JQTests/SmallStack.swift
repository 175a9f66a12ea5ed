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

/// SplitMix64: a seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The seed of this run: `JQ_SEED` where it is set, else a fixed one, so that a run can be repeated.
let baseSeed = UInt64(ProcessInfo.processInfo.environment["JQ_SEED"] ?? "") ?? 20_240_917
