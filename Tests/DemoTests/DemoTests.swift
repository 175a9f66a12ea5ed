import ExactJSON
import Foundation
import Testing

/// Runs the built program as a newcomer would, and reads its one line of JSON.
struct Program {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Beside the test bundle.
    static var executable: URL {
        Bundle.main.executableURL?.deletingLastPathComponent().appendingPathComponent("millwright")
            ?? root.appendingPathComponent(".build/debug/millwright")
    }

    static var found: URL {
        let isThere = FileManager.default.isExecutableFile(atPath: executable.path)
        return isThere ? executable : root.appendingPathComponent(".build/debug/millwright")
    }

    static func run(_ arguments: [String]) throws -> (code: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = found
        process.arguments = arguments
        let folder = NSTemporaryDirectory() + "millwright-run-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Files, not pipes: a child that outlives the program must not keep the reader waiting.
        for name in ["out", "err"] { try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/out"))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/err"))
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, try String(contentsOfFile: "\(folder)/out", encoding: .utf8),
            try String(contentsOfFile: "\(folder)/err", encoding: .utf8)
        )
    }

    /// The last line of standard output.
    static func json(_ arguments: [String]) throws -> (code: Int32, json: JSON) {
        let result = try run(arguments + ["--json"])
        let line = try #require(result.output.split(separator: "\n").last, "\(result.errors)")
        return (result.code, try JSONReader.read(String(line)))
    }

    /// A library of `Tests/Support` that is preloaded into a process, compiled anew.
    static func compile(_ name: String) throws -> String {
        let library = NSTemporaryDirectory() + "millwright-\(name)-\(UUID().uuidString).so"
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let source = root.appendingPathComponent("Tests/Support/\(name)").path
        compiler.arguments = ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "clang comes with the Swift toolchain")
        return library
    }

    static var komax: URL { root.appendingPathComponent("../shared/data/komax-565").standardizedFileURL }
    static var okuma: URL { root.appendingPathComponent("../shared/data/okuma-multus/shdr.log").standardizedFileURL }
    static var hasRecordings: Bool { FileManager.default.fileExists(atPath: komax.path) }
}

@Suite("Examples and reference")
struct ExampleTests {
    @Test("every example folder checks without a fault")
    func examples() throws {
        let examples = Program.root.appendingPathComponent("Examples").path
        for name in try FileManager.default.contentsOfDirectory(atPath: examples) {
            let (code, json) = try Program.json(["check", "--folder", "\(examples)/\(name)"])
            #expect(code == 0 && json["faults"] == [], "\(name): \(json)")
        }
    }

    @Test("check names what a connector needs of the node and a key that is misspelt, and says what to do")
    func needs() throws {
        let folder = NSTemporaryDirectory() + "millwright-check-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = [
            "millwright.yaml": "node: n\n",
            "plants.yaml": "plants: { lyon: { zone: Europe/Paris, assets: { saw: {} } } }\n",
            "sources/door.yaml": "source: door\nprotocol: http\npath: /v1/events\n",
            "sources/saw.yaml": "source: saw\nprotocol: mtconnect\nasset: saw\nendpoint: 127.0.0.1:7878\n",
            "targets/up.yaml": "target: up\nprotocol: hub\nhub: https://hub.example:8443\n",
        ]
        for (path, text) in files { try NodeProcess.write("\(folder)/\(path)", text) }
        #expect(try Self.faults(folder) == ["door.yaml SET-080", "saw.yaml SET-082", "up.yaml SET-081"])
        try NodeProcess.write("\(folder)/sources/saw.yaml", "source: saw\nprotocl: mtconnect\n")
        #expect(try Self.faults(folder) == ["saw.yaml SET-020"])

        // Answers need a listener, and one that others reach needs a token.
        let odoo =
            "target: odoo\nprotocol: odoo\nendpoint: https://odoo.example.com\ndatabase: d\nlogin: l\n"
            + "secret: ${env:ODOO}\n"
        try FileManager.default.removeItem(atPath: "\(folder)/sources")
        try FileManager.default.removeItem(atPath: "\(folder)/targets")
        let tls = "security: { tls: { certificate: /etc/millwright/n.pem, key: /etc/millwright/n.key } }\n"
        try NodeProcess.write("\(folder)/targets/odoo.yaml", odoo + "answers: {}\n")
        #expect(try Self.faults(folder) == ["odoo.yaml SET-080"])
        try NodeProcess.write("\(folder)/millwright.yaml", "node: n\nlisten: 0.0.0.0:8443\n" + tls)
        #expect(try Self.faults(folder) == ["odoo.yaml SET-083"])
        try NodeProcess.write("\(folder)/targets/odoo.yaml", odoo + "answers: { token: literal }\n")
        #expect(try Self.faults(folder).contains("odoo.yaml SET-035"))
    }

    private static func faults(_ folder: String) throws -> [String] {
        let (code, json) = try Program.json(["check", "--folder", folder])
        #expect(code == 2)
        return (json["faults"]?.array ?? []).map { fault in
            "\(fault["file"]?.string?.split(separator: "/").last ?? "") \(fault["code"]?.string ?? "")"
        }
    }

    @Test("arguments that cannot be meant end with the exit code of the help, and with --json in one line")
    func exitCodes() throws {
        for arguments in [
            ["simulate", "--scenario", "nope"], ["stand-in", "--series", "15"], ["demo", "--speed", "fast"],
            ["demo", "--komax", "/nope"], ["keygen", "/nope/key"], ["status", "--folder", "/nope"],
        ] {
            let result = try Program.run(arguments)
            #expect(result.code == 2, "\(arguments): \(result.errors)")
        }
        let (code, json) = try Program.json(["demo", "--komax", "/nope"])
        #expect(code == 2 && json["error"]?["message"]?.string?.contains("/nope") == true, "\(json)")
    }

    @Test("the generated reference is what the code says")
    func reference() throws {
        let result = try Program.run([
            "docs", "--check", "--output", Program.root.appendingPathComponent("docs/reference").path,
        ])
        #expect(result.code == 0, "\(result.errors)")
    }
}

@Suite("Demo", .serialized)
struct DemoTests {
    @Test("out of the box, everything the simulated plant makes is in Odoo or waits for a person")
    func simulatedPlant() throws {
        let (code, json) = try Program.json(["demo", "--for", "120s"])
        #expect(code == 0)
        #expect(json["lost"] == 0 && json["duplicated"] == 0, "\(json["differences"] ?? "")")
        #expect(json["events"]?["pending"] == 0)
        #expect(json["maintenanceRequests"] == 1)
        #expect(json["exceptions"]?["pieces"] == 15)
        #expect((json["downtimeMinutes"]?.number ?? ExactNumber(0)) > ExactNumber(20))
        let good = json["orders"]?.object?.values.compactMap { $0["good"]?.int }.reduce(0, +)
        #expect(good == 1_276)
        #expect(json["orders"]?["TURN-1"]?["scrap"] == 4)
    }

    @Test(
        "a recorded week of a Komax machine is posted piece by piece, on each series of Odoo",
        .enabled(if: Program.hasRecordings, "the recordings are not here"), arguments: [16, 17, 18, 19])
    func komax(series: Int) throws {
        let (code, json) = try Program.json(
            ["demo", "--komax", Program.komax.path, "--speed", "max", "--series", "\(series)", "--for", "180s"])
        #expect(code == 0)
        check(json)
    }

    @Test(
        "the totals are the same when edge, hub and Odoo's front are killed and the network is cut",
        .enabled(if: Program.hasRecordings, "the recordings are not here"), arguments: [1, 2])
    func chaos(seed: Int) throws {
        let (code, json) = try Program.json(
            ["demo", "--komax", Program.komax.path, "--speed", "max", "--chaos", "--seed", "\(seed)", "--for", "240s"])
        #expect(code == 0)
        check(json)
        for kind in ["edge", "hub", "front", "cuts"] { #expect((json["chaos"]?[kind]?.int ?? 0) >= 3, "\(kind)") }
    }

    @Test(
        "nothing is lost or doubled when edge and hub are killed at each of their durable boundaries",
        .enabled(if: Program.hasRecordings, "the recordings are not here"))
    func boundaries() throws {
        let library = try Program.compile("killpoints.c")
        defer { try? FileManager.default.removeItem(atPath: library) }
        let (code, json) = try Program.json(
            [
                "demo", "--komax", Program.komax.path, "--speed", "8000", "--kill-points", library, "--for", "240s",
            ])
        #expect(code == 0, "\(json["crashes"] ?? "")")
        check(json)
        // Each of the first fourteen boundaries after a start, from both sides, on both nodes.
        for node in ["edge", "hub"] { #expect((json["boundaryKills"]?[node]?.int ?? 0) >= 28, "\(node)") }
    }

    private func check(_ json: JSON) {
        let made = (json["orders"]?.object ?? [:]).values.compactMap { $0["good"]?.int }
        #expect(made.reduce(0, +) == 9_643)
        #expect(made.filter { $0 > 0 }.count == 177)
        #expect(json["exceptions"]?["pieces"] == 3_354)
        #expect(json["lost"] == 0 && json["duplicated"] == 0, "\(json["differences"] ?? "")")
        #expect(json["events"]?["pending"] == 0)
    }

    @Test(
        "a recorded turning centre made four pieces",
        .enabled(if: Program.hasRecordings, "the recordings are not here"))
    func okuma() throws {
        let (code, json) = try Program.json(["demo", "--shdr", Program.okuma.path, "--speed", "max", "--for", "120s"])
        #expect(code == 0)
        #expect(json["orders"]?["TURN-1"]?["good"] == 4)
        #expect(json["lost"] == 0 && json["duplicated"] == 0, "\(json["differences"] ?? "")")
    }

    @Test(
        "the reckoning finds what goes wrong on purpose",
        .enabled(if: Program.hasRecordings, "the recordings are not here"),
        arguments: zip(["drop-section", "post-twice"], [("lost", "duplicated"), ("duplicated", "lost")]))
    func sabotage(kind: String, sides: (found: String, other: String)) throws {
        let (code, json) = try Program.json(
            ["demo", "--komax", Program.komax.path, "--speed", "max", "--sabotage", kind, "--for", "180s"])
        #expect(code == 1)
        #expect(json[sides.found] == 1 && json[sides.other] == 0, "\(json["differences"] ?? "")")
    }
}
