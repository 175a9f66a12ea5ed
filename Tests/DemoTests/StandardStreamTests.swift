import Foundation
import Testing
import World

/// What becomes of the program where nobody takes what it says.
@Suite("Standard output and standard error")
struct StandardStreamTests {
    private static func shell(_ line: String) throws -> (code: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", line, Program.found.path]
        let errors = NSTemporaryDirectory() + "millwright-errors-" + UUID().uuidString
        try Data().write(to: URL(fileURLWithPath: errors))
        defer { try? FileManager.default.removeItem(atPath: errors) }
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOfFile: errors, encoding: .utf8))
    }

    @Test("who reads no further has enough: that is no failure, and nothing is said of it")
    func closed() throws {
        let result = try Self.shell("\"$0\" docs | head -1 > /dev/null; exit ${PIPESTATUS[0]}")
        #expect(result.code == 0 && result.errors.isEmpty, "\(result)")
    }

    @Test("where what a command says cannot be written it ends with 1, and says why", arguments: ["version", "docs"])
    func full(command: String) throws {
        let result = try Self.shell("\"$0\" \(command) > /dev/full")
        #expect(result.code == 1)
        #expect(result.errors == "Error: standard output cannot be written: No space left on device\n")
    }

    @Test(
        "a node runs and stops in good order where its log cannot be written, or nobody reads it any more",
        arguments: ["2> /dev/full", "2> >(exec 0<&-)"])
    func log(place: String) async throws {
        let folder = NSTemporaryDirectory() + "millwright-mute-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try NodeProcess.write("\(folder)/millwright.yaml", "node: hub\nstore: { path: \(folder)/data }\n")
        let line = """
            "$0" run --folder \(folder) \(place) & node=$!
            until [ -s \(folder)/data/node.db-sums ] || ! kill -0 $node; do sleep 0.05; done
            kill -HUP $node && sleep 1 && kill -TERM $node; wait $node
            """
        #expect(try Self.shell(line).code == 0)
    }
}
