import Foundation
import Testing

/// A tool that we did not write, as `scripts/prepare test` installs it.
enum Peer {
    /// What it says and how it ends. `arguments`: of `.build-peers/bin/NAME`; `input`: what it reads.
    static func run(_ name: String, _ arguments: [String], input: [UInt8] = []) throws -> (code: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ".build-peers/bin/\(name)")
        process.arguments = arguments
        let (reading, writing) = (Pipe(), Pipe())
        process.standardInput = reading
        process.standardOutput = writing
        process.standardError = writing
        try process.run()
        try reading.fileHandleForWriting.write(contentsOf: Data(input))
        try reading.fileHandleForWriting.close()
        let text = String(decoding: writing.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
