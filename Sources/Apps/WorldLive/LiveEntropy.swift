import World

/// Random bytes from the operating system's generator (`getrandom` on Linux): unpredictable.
package struct LiveEntropy: Entropy {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var output: [UInt8] = []
        output.reserveCapacity(count + 8)
        while output.count < count {
            withUnsafeBytes(of: generator.next()) { output.append(contentsOf: $0) }
        }
        output.removeLast(output.count - count)
        return output
    }
}
