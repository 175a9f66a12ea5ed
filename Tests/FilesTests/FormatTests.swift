import Canonical
import Contracts
import ExactJSON
import Foundation
import Testing

@testable import FilesConnector

/// Files of `Tests/Corpus/files`: options as JSON, the input, and what is read of it, with lines of dashes between.
@Suite("formats")
struct FormatTests {
    static let folder: String = {
        var parts = #filePath.split(separator: "/").map(String.init)
        parts.removeLast(2)
        return "/" + parts.joined(separator: "/") + "/Corpus/files"
    }()

    static let cases: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".case") }.sorted()

    static let separator = "----------\n"

    static func options(_ json: JSON, encoding: String) throws -> FormatOptions {
        try FilesSettings(
            name: "test",
            settings: SettingsMaker.settings(
                ["folder": ["path": "/data"], "format": json, "encoding": .string(encoding)], FilesSpec.source.fields),
            plantZone: "UTC", defaultAsset: "a", limits: Limits()
        ).follow.format
    }

    static func describe(_ items: [ParsedItem]) -> String {
        items.map { item in
            switch item.content {
            case .record(let kind, let fields): "\(item.line) @\(item.start) \(kind) \(JSON.object(fields))\n"
            case .fault(let fault):
                "\(item.line) @\(item.start) ! \(fault.kind.code) byte \(fault.byte ?? -1): \(fault.message)\n"
            }
        }.joined()
    }

    @Test("a case's text gives what stands below it, in whatever pieces it comes", arguments: cases)
    func golden(_ name: String) throws {
        let path = Self.folder + "/" + name
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let parts = text.components(separatedBy: Self.separator)
        try #require(parts.count == 3, "\(name) must have three parts")
        // Within the input, \r stands for a carriage return, \0 for a zero byte and \xNN for a byte.
        let input = Self.unescape(parts[1])
        let options = try Self.options(try JSONReader.read(parts[0]), encoding: "utf-8")
        var whole = FormatReader(options, record: "rec")
        let items = whole.feed(input) + whole.finish()
        let output = Self.describe(items)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try (parts[0] + Self.separator + parts[1] + Self.separator + output).write(
                toFile: path, atomically: true, encoding: .utf8)
        } else {
            #expect(output == parts[2])
        }
        for size in [1, 2, 3, 7] {
            var reader = FormatReader(options, record: "rec")
            var pieces: [ParsedItem] = []
            var start = 0
            while start < input.count {
                pieces += reader.feed(Array(input[start..<min(start + size, input.count)]))
                start += size
            }
            pieces += reader.finish()
            #expect(Self.describe(pieces) == output, "in pieces of \(size)")
        }
    }

    static func unescape(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.first else {
                bytes.append(byte)
                continue
            }
            rest.removeFirst()
            switch next {
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "0"): bytes.append(0)
            case UInt8(ascii: "x"):
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest.removeFirst(2)
            default: bytes += [byte, next]
            }
        }
        return bytes
    }

    @Test("the cases are there")
    func casesAreThere() { #expect(Self.cases.count >= 14) }

    @Test(
        "every encoding gives the same record, whole and byte by byte",
        arguments: ["utf-8", "utf-16le", "utf-16be", "iso-8859-1", "windows-1252"], [false, true])
    func encodings(_ name: String, _ mark: Bool) throws {
        let encoding = try #require(TextEncoding(rawValue: name))
        let euro = name == "iso-8859-1" ? "" : "€"
        let text = "[Störung]\r\nGrößte=ÄÖ\(euro)ß\r\n\r\n[Next]\r\n"
        var bytes: [UInt8]
        switch encoding {
        case .utf8: bytes = (mark ? [0xEF, 0xBB, 0xBF] : []) + Array(text.utf8)
        case .utf16LittleEndian:
            bytes = ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case .utf16BigEndian:
            bytes = ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        case .latin1, .windows1252: bytes = text.unicodeScalars.map { $0 == "€" ? 0x80 : UInt8($0.value) }
        }
        // With a mark, the settings may say anything.
        let said = mark && encoding.unit == 2 || mark && encoding == .utf8 ? "windows-1252" : name
        for size in [1, 5, bytes.count] {
            var reader = FormatReader(try Self.options(["kind": "sections"], encoding: said), record: "x")
            var items: [ParsedItem] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                items += reader.feed(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            guard items.count == 1, case .record(let kind, let fields) = items[0].content else {
                Issue.record("\(name) in pieces of \(size): \(Self.describe(items))")
                return
            }
            #expect(kind == "Störung")
            #expect(fields == ["Größte": .string("ÄÖ\(euro)ß")])
            #expect(reader.resume == items[0].end)
        }
    }

    @Test(
        "bytes that an encoding does not have are a fault at their place, and the next record is read",
        arguments: [
            ("utf-8", [0xC3, 0x28], 0), ("utf-8", [0x61, 0xED, 0xA0, 0x80], 1), ("utf-8", [0xF5], 0),
            ("windows-1252", [0x41, 0x81], 1), ("utf-16le", [0x41, 0x00, 0x00, 0xD8], 2),
        ] as [(String, [UInt8], Int)])
    func undecodable(_ name: String, _ bytes: [UInt8], _ at: Int) throws {
        let unit = name == "utf-16le" ? 2 : 1
        func text(_ text: String) -> [UInt8] { text.utf8.flatMap { unit == 2 ? [$0, 0] : [$0] } }
        let input = text("[A]\nkey=") + bytes + text("\nmore=1\n\n[B]\nk=v\n\n[C]\n")
        var reader = FormatReader(try Self.options(["kind": "sections"], encoding: name), record: "x")
        let items = reader.feed(input)
        guard items.count == 2, case .fault(let fault) = items[0].content, case .record(let kind, _) = items[1].content
        else {
            Issue.record("\(Self.describe(items))")
            return
        }
        #expect(fault.kind.code == "FILES-003")
        #expect(fault.byte == 8 * unit + at)
        #expect(kind == "B")
    }

    @Test("random and broken bytes never stop a parser, and its memory and items stay bounded", arguments: 0..<60)
    func fuzz(_ seed: UInt64) throws {
        var random = SeededRandom(seed &+ 1_000)
        let formats: [JSON] = [
            ["kind": "sections", "attach": ["C"]], ["kind": "sections", "end": "header"],
            ["kind": "sections", "end": "END"],
            ["kind": "csv"], ["kind": "tsv", "header": "none"],
            ["kind": "csv", "delimiter": ";", "comment": "#", "skip": 1],
            ["kind": "jsonlines", "recordField": "k"],
        ]
        let encodings = TextEncoding.allCases.map(\.rawValue)
        for format in formats {
            var options = try Self.options(format, encoding: encodings.randomElement(using: &random)!)
            options.maximum = 2_000
            options.originalMaximum = 500
            let seedText =
                "[A]\r\nk=v\r\n\r\n[C]\r\nx=1\r\nEND\na,\"b\"\"\nc\",d\n{\"k\":\"z\",\"n\":[1,2]}\n\n#;\t\u{0}é€"
            var bytes: [UInt8] = []
            while bytes.count < 12_000 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    bytes += (0..<Int.random(in: 1...300, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                case 1:
                    bytes += Array(
                        repeating: UInt8.random(in: 0...127, using: &random),
                        count: Int.random(in: 1...3_000, using: &random))
                default:
                    bytes += Array(seedText.utf8).map {
                        UInt8.random(in: 0..<40, using: &random) == 0 ? UInt8.random(in: 0...255, using: &random) : $0
                    }
                }
            }
            func run(_ random: inout SeededRandom, largest: Int) -> [ParsedItem] {
                var reader = FormatReader(options, record: "x")
                var items: [ParsedItem] = []
                var start = 0
                while start < bytes.count {
                    let end = min(bytes.count, start + Int.random(in: 1...largest, using: &random))
                    let before = reader.resume.offset
                    items += reader.feed(Array(bytes[start..<end]))
                    #expect(reader.resume.offset >= before, "seed \(seed): the resume point went back")
                    #expect(reader.resume.offset <= end)
                    #expect(reader.partialLine.count <= options.maximum + 2)
                    start = end
                }
                return items + reader.finish()
            }
            let whole = run(&random, largest: bytes.count)
            let pieces = run(&random, largest: 50)
            #expect(Self.describe(whole) == Self.describe(pieces), "seed \(seed), \(format)")
            #expect(whole.allSatisfy { $0.original.count <= options.originalMaximum && $0.headEnd >= $0.start })
            #expect(
                zip(whole, whole.dropFirst()).allSatisfy { $0.start <= $1.start }, "seed \(seed): items out of order")
        }
    }

    @Test("reading on from any item's end gives the items behind it", arguments: 0..<20)
    func resuming(_ seed: UInt64) throws {
        var random = SeededRandom(seed &+ 5_000)
        let formats: [(JSON, String)] = [
            (["kind": "sections", "attach": ["C"]], "[A]\nk=1\n\n[C]\nx=2\n\n[B]\nstray\n\nlost\n\n"),
            (["kind": "csv"], "1,\"two\nlines\",3\n,,\n\"open\n"), (["kind": "jsonlines"], "{\"a\":1}\n\nnot json\n"),
        ]
        for (format, text) in formats {
            let options = try Self.options(format, encoding: "utf-8")
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) + [0x0A] }
            var bytes = Array("a,b,c\n".utf8)
            for _ in 0..<60 { bytes += lines.randomElement(using: &random)! }
            var whole = FormatReader(options, record: "x")
            let items = whole.feed(bytes) + whole.finish()
            for index in items.indices where items[index].end.offset > items[index].start {
                var reader = FormatReader(
                    options, record: "x", from: items[index].end, encoding: .utf8, header: whole.header)
                let rest = reader.feed(Array(bytes[items[index].end.offset...])) + reader.finish()
                #expect(
                    Self.describe(rest) == Self.describe(Array(items[(index + 1)...])), "seed \(seed), item \(index)")
            }
        }
    }
}
