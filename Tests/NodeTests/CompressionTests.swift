import Contracts
import NodeConnector
import SimulatedWorld
import Testing

@Suite struct CompressionTests {
    @Test("what is compressed inflates to itself, and at its own length as bound", arguments: Compression.allCases)
    func roundTrip(_ compression: Compression) throws {
        let seed: UInt64 = 42
        var random = SeededRandom(seed: seed)
        for round in 0..<300 {
            let count = Int(random.next() % 5_000)
            let alphabet = random.next() % 4 == 0 ? 256 : 4
            let bytes = (0..<count).map { _ in UInt8(random.next() % UInt64(alphabet)) }
            let small = try compression.compress(bytes)
            #expect(try compression.inflate(small, limit: count) == bytes, "seed \(seed) round \(round)")
            guard count > 0 else { continue }
            let failure = #expect(throws: Failure.self) { try compression.inflate(small, limit: count - 1) }
            #expect(failure?.kind == NodeFailures.tooLarge)
        }
    }

    @Test("a bomb is stopped at the bound", arguments: Compression.allCases)
    func bomb(_ compression: Compression) throws {
        let bomb = try compression.compress(Array(repeating: 0, count: 64 << 20))
        #expect(bomb.count < 400_000)
        let failure = #expect(throws: Failure.self) { try compression.inflate(bomb, limit: 1 << 20) }
        #expect(failure?.kind == NodeFailures.tooLarge)
    }

    @Test("damaged data is refused and never crashes", arguments: Compression.allCases)
    func fuzz(_ compression: Compression) throws {
        let seed: UInt64 = 7
        var random = SeededRandom(seed: seed)
        let good = try compression.compress((0..<2_000).map { UInt8($0 % 251) })
        var refused = 0
        for _ in 0..<3_000 {
            var bytes = good
            switch random.next() % 3 {
            case 0: bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 << (random.next() % 8))
            case 1: bytes.removeLast(1 + Int(random.next() % UInt64(bytes.count)))
            default: bytes = (0..<Int(random.next() % 60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            }
            do throws(Failure) {
                let output = try compression.inflate(bytes, limit: 10_000)
                #expect(output.count <= 10_000)
            } catch {
                refused += 1
                #expect([NodeFailures.compression, NodeFailures.tooLarge].contains(error.kind))
            }
        }
        #expect(refused > 2_900, "seed \(seed)")
    }
}
