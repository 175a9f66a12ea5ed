/// The function that libFuzzer calls with each input.
public typealias FuzzBody = @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
/// The arguments of a C `main`.
public typealias CArguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// libFuzzer's own loop (`FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<CArguments?>, _ body: FuzzBody
) -> CInt

/// Runs libFuzzer over `body`. SwiftPM binds `main` to a function named after the executable, so that each target hands
/// over here instead of using libFuzzer's `main`.
public func fuzz(_ count: CInt, _ arguments: CArguments, _ body: FuzzBody) -> CInt {
    var count = count
    var arguments: CArguments? = arguments
    return runDriver(&count, &arguments, body)
}

/// Gives one input to `check`. Ends the process where a property does not hold: libFuzzer then keeps the input.
public func run(_ check: ([UInt8]) throws -> Void, _ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    do {
        try check(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError("property violated: \(error)")
    }
    return 0
}
