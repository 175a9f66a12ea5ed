import Foundation
import Testing

/// Replays every input that the fuzzers keep: their corpora, and what once broke a parser. What must hold of each input
/// is the same as under libFuzzer.
@Suite("Kept inputs of the fuzzers")
struct ReplayTests {
    struct Parser: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: @Sendable ([UInt8]) throws -> Void

        init(_ name: String, _ check: @escaping @Sendable ([UInt8]) throws -> Void) {
            testDescription = name
            self.check = check
        }
    }

    static let parsers = [
        Parser("FuzzAnswers", AnswersInput.check), Parser("FuzzBatch", BatchInput.check),
        Parser("FuzzCrosswalk", CrosswalkInput.check),
        Parser("FuzzEnvelope", EnvelopeInput.check), Parser("FuzzEvents", EventsInput.check),
        Parser("FuzzFiles", FilesInput.check), Parser("FuzzJQ", JQInput.check), Parser("FuzzJSON", JSONInput.check),
        Parser("FuzzOdoo", OdooInput.check), Parser("FuzzSHDR", SHDRInput.check),
        Parser("FuzzSchema", SchemaInput.check),
        Parser("FuzzSettings", SettingsInput.check), Parser("FuzzSignature", SignatureInput.check),
        Parser("FuzzTimes", TimesInput.check), Parser("FuzzYAML", YAMLInput.check),
    ]

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz")

    private static func files(_ folder: URL) throws -> [URL] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
    }

    @Test("each target of the fuzzing package is replayed here, and has inputs")
    func complete() throws {
        let targets = try Self.files(Self.folder.appending(path: "Corpus")).map(\.lastPathComponent)
        #expect(targets.sorted() == Self.parsers.map(\.testDescription).sorted())
        let sources = try Self.files(Self.folder.appending(path: "Sources")).map(\.lastPathComponent)
        #expect(sources.filter { $0.hasPrefix("Fuzz") && $0 != "FuzzDriver" }.sorted() == targets.sorted())
        for target in targets {
            #expect(try !Self.files(Self.folder.appending(path: "Corpus/\(target)")).isEmpty, "\(target)")
        }
    }

    @Test("nothing that is kept breaks a parser or one of its properties", arguments: parsers)
    func kept(_ parser: Parser) throws {
        for kind in ["Corpus", "Crashes"] {
            for file in try Self.files(Self.folder.appending(path: "\(kind)/\(parser.testDescription)")) {
                let bytes = [UInt8](try Data(contentsOf: file))
                #expect(throws: Never.self, "\(kind)/\(parser.testDescription)/\(file.lastPathComponent)") {
                    try parser.check(bytes)
                }
            }
        }
    }

    @Test("kept inputs that are damaged break no parser and no property", arguments: parsers)
    func damaged(_ parser: Parser) throws {
        let kept = try Self.files(Self.folder.appending(path: "Corpus/\(parser.testDescription)"))
            .map { [UInt8](try Data(contentsOf: $0)) }
        var damage = Damage(seed: 0x5EED)
        for round in 0..<400 {
            let bytes = damage.next(from: kept)
            #expect(throws: Never.self, "round \(round): \(Data(bytes).base64EncodedString())") {
                try parser.check(bytes)
            }
        }
    }
}

/// Damages inputs, the same way for the same seed: cuts, copies, splices, wild bytes.
private struct Damage {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number below `bound` (splitmix64).
    private mutating func number(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(max(bound, 1)))
    }

    mutating func next(from kept: [[UInt8]]) -> [UInt8] {
        var bytes = kept.isEmpty ? [] : kept[number(below: kept.count)]
        for _ in 0...number(below: 4) {
            let place = number(below: bytes.count + 1)
            let end = min(bytes.count, place + number(below: 12))
            switch number(below: 5) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: Array(bytes[place..<end]), at: number(below: bytes.count + 1))
            case 2: bytes.insert(UInt8(number(below: 256)), at: place)
            case 3: if place < bytes.count { bytes[place] ^= 1 << UInt8(number(below: 8)) }
            default:
                let other = kept.isEmpty ? [] : kept[number(below: kept.count)]
                bytes = Array(bytes[..<place]) + other.suffix(number(below: other.count + 1))
            }
        }
        return bytes
    }
}
