import Foundation

/// What a paced target wrote down: read piece by piece, as it grows.
struct TakenList {
    /// How long it took from the fact to the target, in milliseconds, of those since the last look.
    struct Latencies {
        var critical: [Double] = []
        /// A machine that says little, in the lane and flow of one that floods.
        var quietAsset: [Double] = []
        /// A flow that has little to do, for the machine that floods.
        var quietFlow: [Double] = []
    }

    private let handle: FileHandle
    private var rest: Data = Data()
    private(set) var count = 0
    /// Of each command's identity, a hash: to see that none was taken twice.
    private var identities: Set<Int> = []
    var doubled: Int { count - identities.count }

    init(path: String) throws { handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)) }

    /// What was written since the last call.
    mutating func read() throws -> Latencies {
        var latencies = Latencies()
        rest += try handle.readToEnd() ?? Data()
        guard let end = rest.lastIndex(of: 0x0A) else { return latencies }
        for line in rest[..<end].split(separator: 0x0A) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count == 4, let made = Int(words[1]), let done = Int(words[2]) else { continue }
            count += 1
            identities.insert(words[3].hashValue)
            let milliseconds = Double(done - made) / 1_000
            if words[0] == "critical" {
                latencies.critical.append(milliseconds)
            } else if words[3].contains("/press-2:") {
                latencies.quietAsset.append(milliseconds)
            } else if words[3].hasPrefix("scraps:") {
                latencies.quietFlow.append(milliseconds)
            }
        }
        rest = Data(rest[(end + 1)...])
        return latencies
    }
}

extension [Double] {
    /// The value that this part of them does not exceed; 0 where there are none.
    func percentile(_ part: Double) -> Double {
        isEmpty ? 0 : sorted()[Swift.min(count - 1, Int(Double(count) * part))]
    }

    /// By how much the values rise from one to the next, by least squares.
    var slope: Double {
        guard count > 1 else { return 0 }
        let middle = Double(count - 1) / 2
        let mean = reduce(0, +) / Double(count)
        var (above, below) = (0.0, 0.0)
        for (index, value) in enumerated() {
            above += (Double(index) - middle) * (value - mean)
            below += (Double(index) - middle) * (Double(index) - middle)
        }
        return above / below
    }
}
