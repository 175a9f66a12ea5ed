import ExactJSON
import Foundation
import Scenarios

/// Shares seeds among processes of this program. A process takes a few hundred at a time: what one breaks is small, and
/// so is what it holds in memory.
struct SimulationProcesses {
    let arguments: [String]
    let jobs: Int

    /// Seeds of one process, at most.
    private static let share: UInt64 = 400

    func run(_ seeds: Range<UInt64>) async throws -> SimulationTally {
        let size = min(Self.share, max(1, UInt64(seeds.count) / UInt64(jobs)))
        var shares = stride(from: seeds.lowerBound, to: seeds.upperBound, by: Int(size)).map {
            $0..<min(seeds.upperBound, $0 + size)
        }[...]
        var tally = SimulationTally()
        try await withThrowingTaskGroup(of: (Range<UInt64>, JSON?).self) { group in
            for _ in 0..<jobs {
                if let next = shares.popFirst() { group.addTask { (next, try await one(next)) } }
            }
            while let (share, result) = try await group.next() {
                if result.map({ tally.add($0) }) != true {
                    tally.addLost(share.count)
                    Output.note(
                        "the process of the seeds \(share.lowerBound)..<\(share.upperBound) came to no end:\n  "
                            + ShellLine.text(["millwright"] + Self.words(share) + arguments))
                }
                if let next = shares.popFirst() { group.addTask { (next, try await one(next)) } }
            }
        }
        return tally
    }

    private static func words(_ share: Range<UInt64>) -> [String] {
        ["simulate", "--from", String(share.lowerBound), "--seeds", String(share.count)]
    }

    /// Runs one share in a process of its own; nil where it did not come to its end.
    private func one(_ share: Range<UInt64>) async throws -> JSON? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ChildProcess.ownPath)
        process.arguments = Self.words(share) + ["--json"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { _ in
                    // The one line is far shorter than a pipe holds, so nobody had to read it before.
                    let line = output.fileHandleForReading.readDataToEndOfFile()
                    continuation.resume(returning: try? JSONReader.read([UInt8](line)))
                }
                do {
                    try process.run()
                } catch {
                    process.terminationHandler = nil
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            process.terminate()
        }
    }
}
