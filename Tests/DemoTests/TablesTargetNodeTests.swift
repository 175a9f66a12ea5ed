import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// A real node that writes rows, and is killed while it does.
@Suite("A node with a tables target", .serialized, .timeLimit(.minutes(5)))
struct TablesTargetNodeTests {
    private static let door = [
        "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
        "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
        "flows/rows.yaml": """
        flow: rows
        owner: production
        when: { type: "millwright.production.completed.*" }
        target: erp
        operation: write
        jq: '{row: {order: .subject, good: .data.quantity.value, note: "one, two"}}'
        retry: { base: 10ms, cap: 100ms }

        """,
    ]

    private static func target(_ mode: String) -> String {
        """
        target: erp
        protocol: tables
        path: FOLDER/out/orders.csv
        mode: \(mode)
        start: beginning
        segmentBytes: 4096
        format:
          kind: csv
          columns: [{ name: order }, { name: good }, { name: note }]

        """
    }

    /// What Python's csv module finds in all finished files, in their order.
    private static let reader = """
        import csv, glob, json, sys
        rows = []
        for path in sorted(glob.glob(sys.argv[1] + "/*.csv")):
            with open(path, newline="") as file:
                found = list(csv.DictReader(file, strict=True))
                assert all(row["note"] == "one, two" and row["good"] == "1" and None not in row for row in found), found
                rows += [row["order"] for row in found]
        print(json.dumps(rows))
        """

    private static func rows(_ folder: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", reader, folder + "/out"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try JSONReader.read(Array(bytes)).array?.compactMap(\.string) ?? []
    }

    @Test("killed at each of its durable boundaries, a node leaves each row once", arguments: ["append", "file"])
    func boundaries(_ mode: String) async throws {
        let library = try Program.compile("killpoints.c")
        defer { try? FileManager.default.removeItem(atPath: library) }
        var files = Self.door
        let flow = files.removeValue(forKey: "flows/rows.yaml")
        let first = try NodeProcess(["run", "--folder", "FOLDER"], files: files)
        let orders = (10..<50).map { "MO-\($0)" }
        for order in orders { #expect(try await first.post(BadInput.event("e-\(order)", order: order)).status == 202) }
        first.kill()
        // With the target a start has work to do at once, and dies within it.
        try NodeProcess.write(first.folder + "/flows/rows.yaml", flow ?? "")
        try NodeProcess.write(
            first.folder + "/targets/erp.yaml", Self.target(mode).replacing("FOLDER", with: first.folder))
        var kills = 0
        for number in 1...16 {
            for kind in ["after-sync", "before-write"] {
                let node = Process()
                node.executableURL = Program.found
                node.arguments = ["run", "--folder", first.folder]
                node.environment = ProcessInfo.processInfo.environment.merging([
                    "LD_PRELOAD": library, "MILLWRIGHT_KILL": "\(kind):\(number)", "SWIFT_BACKTRACE": "enable=no",
                ]) { $1 }
                node.standardInput = FileHandle.nullDevice
                node.standardOutput = FileHandle.nullDevice
                node.standardError = FileHandle.nullDevice
                try node.run()
                // One that has nothing left to do lives on.
                for _ in 0..<150 where node.isRunning { try await World.shared.clock.sleep(for: .milliseconds(20)) }
                if node.isRunning { node.terminate() } else { kills += 1 }
                node.waitUntilExit()
            }
        }
        #expect(kills >= 20, "\(kills)")
        let last = try NodeProcess(["run", "--folder", "FOLDER"], in: first.folder)
        defer { last.stop() }
        let rows = try await last.until({ try Self.rows(first.folder) }) { $0.count >= orders.count }
        #expect(rows.sorted() == orders, "\(rows)")
        let exceptions = try last.exceptions()
        #expect(exceptions.isEmpty, "\(exceptions)")
    }
}
