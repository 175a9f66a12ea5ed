/// Random numbers that repeat for the same seed (SplitMix64; Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Whether something with this likelihood (0…1) happens now.
    package mutating func happens(_ likelihood: Double) -> Bool {
        Double(next() >> 11) / Double(1 << 53) < likelihood
    }

    /// A generator of its own that depends on this one's seed.
    package mutating func split() -> SeededRandom { SeededRandom(seed: next()) }
}
