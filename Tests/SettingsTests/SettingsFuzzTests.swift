import Contracts
import Testing

@testable import NodeSettings

@Suite("Settings of any kind")
struct SettingsFuzzTests {
    private static let pieces = [
        "\t", "  ", "\n", ": ", "- ", "? ", "[", "]", "{", "}", ",", "\"", "'", "|\n", ">-\n  ", "&a ", "*a", "<<: *a",
        "!x ", "#", "---\n", "...\n",
        "%YAML 1.1\n", "\u{0}", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{E000}", "é", "\r", "${env:X}", "${", "null", "~",
        "0x1F", "1e999", "\\", "\"\\u0000\"",
        "99999999999999999999", "lookup(\"", "BAD", "@", "`", "key: v\nkey: v\n",
    ]

    /// One change of `bytes`: a cut, a copy, a wild byte, or a piece that means something to YAML.
    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let other = Int.random(in: 0...bytes.count, using: &random)
        let range = min(place, other)..<min(max(place, other), min(place, other) + 40)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.removeSubrange(range)
        case 1: bytes.insert(contentsOf: Array(bytes[range]), at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        default: bytes.insert(contentsOf: Array((Self.pieces.randomElement(using: &random) ?? "").utf8), at: place)
        }
    }

    @Test("a mutated folder never crashes, and each fault has a place within its file", arguments: 1...24)
    func mutations(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let folders = FolderCase.all.filter { $0.name.hasPrefix("good") || $0.name.hasPrefix("yaml") }
        for round in 0..<60 {
            let folder = try #require(folders.randomElement(using: &random)).folder()
            var files = folder.files
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                guard let path = files.keys.sorted().randomElement(using: &random), var bytes = files[path] else {
                    continue
                }
                mutate(&bytes, &random)
                files[path] = bytes
            }
            let report = FolderCase.reader(MemoryDisk(files: files)).read("/settings", overlay: folder.overlay)
            #expect((report.folder == nil) == report.hasErrors, "seed \(seed) round \(round)")
            #expect(!report.printed().isEmpty)
            for fault in report.faults where fault.line > 0 {
                guard let source = report.sources[fault.file] else { continue }
                let line = source.line(fault.line)
                #expect(line != nil, "seed \(seed) round \(round): \(fault)")
                #expect(fault.column >= 1, "seed \(seed) round \(round): \(fault)")
                #expect(fault.column <= (line ?? "").unicodeScalars.count + 1, "seed \(seed) round \(round): \(fault)")
            }
        }
    }

    @Test("random text never crashes the readers", arguments: 1...8)
    func noise(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<400 {
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Bool.random(using: &random) ? Self.pieces.randomElement(using: &random) ?? "" : "a"
            }.joined()
            let source = SourceText(path: "x", text: text)
            let read = YAMLReader().read(source)
            #expect(read.root != nil || !read.faults.isEmpty, "seed \(seed): \(text.debugDescription)")
            var crosswalk = CrosswalkReader(source: source, name: "x")
            #expect(crosswalk.read() != nil || !crosswalk.faults.isEmpty, "seed \(seed): \(text.debugDescription)")
            _ = LookupScanner(text)
        }
    }

    @Test("no secret is shown, wherever it was put by mistake")
    func secrets() throws {
        let base = try #require(FolderCase.all.first { $0.name == "good-architecture-example" }).folder().files
        let path = "/settings/targets/odoo.yaml"
        let text = String(decoding: try #require(base[path]), as: UTF8.self)
        let reference = "secret: ${file:/run/secrets/odoo}   # or ${env:NAME}"
        #expect(text.contains(reference))
        for wrong in [
            "secret: hunter2", "secret: \"hunter2\"", "secret: [hunter2]", "secret: { key: hunter2 }",
            "secrt: x\nsecret: ${hunter2}", "Secret: hunter2",
            "secret_key: hunter2", "apiKey: hunter2, x", "password: 'hunter2'", "secret: ${file:/x}\nsecret: hunter2",
            "secret: hunter2: x",
            "secret: |\n  hunter2", "secret: ${file:/x}\nendpoint: https://mes:hunter2@odoo",
            "secret: ${vault:hunter2}", "secret:\n  - hunter2",
        ] {
            var files = base
            files[path] = Array(text.replacing(reference, with: wrong).utf8)
            let report = FolderCase.reader(MemoryDisk(files: files)).read("/settings")
            #expect(report.hasErrors, "\(wrong)")
            let printed = report.printed()
            #expect(!printed.contains("hunter2"), "\(wrong):\n\(printed)")
        }
    }

    @Test("a scalar keeps its text, whatever YAML would make of it")
    func rawText() throws {
        let words = [
            "1.10", "no", "yes", "2024-01-01", "0o17", "0x1F", "1_000", "null", "~", "1e3", "12:30:45", "TRUE", ".5",
            "<<x", "=", "+1",
        ]
        for word in words {
            let read = YAMLReader().read(SourceText(path: "x", text: "key: \(word)\n"))
            #expect(read.root?["key"]?.text == word)
            #expect(read.root?["key"]?.location == SettingLocation(file: "x", line: 1, column: 6))
        }
    }

    @Test("a large file of many keys is read in time that grows with its size")
    func large() {
        let text = (0..<40_000).map { "key\($0): [1, 2]\n" }.joined()
        let read = YAMLReader().read(SourceText(path: "x", text: text))
        #expect(read.faults.map(\.code) == ["SET-012"])
        let fewer = (0..<30_000).map { "key\($0): 1\n" }.joined()
        #expect(YAMLReader().read(SourceText(path: "x", text: fewer)).root?.entries?.count == 30_000)
    }
}
