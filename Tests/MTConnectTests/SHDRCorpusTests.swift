import Canonical
import Contracts
import ExactJSON
import Foundation
import Testing

@testable import MTConnectConnector

/// The package's own folder.
let packageRoot = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The folder with recorded data beside the package; nil where it is missing.
let recordings: URL? = {
    let url = packageRoot.appending(path: "../shared/data").standardizedFileURL
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
}()

let arrival = Instant(text: "2030-01-01T00:00:00Z")!

/// What was read, one line each, so that a person can compare it.
func rendering(_ output: SHDROutput) -> [String] {
    output.readings.map { reading in
        let value =
            switch reading.value {
            case .value(let json): json.description
            case .unavailable: "unavailable"
            case .record(let members): "record \(JSON.object(members))"
            }
        return "\(reading.origin.line ?? 0) \(reading.time) \(reading.asset) \(reading.name) = \(value)"
    }
        + output.faults.map {
            let original = String(decoding: $0.original.prefix(60), as: UTF8.self)
            return "! \($0.failure.kind.code) \($0.failure.message) <\(original)>"
        }
        + (output.heartbeat.map { ["~ heartbeat \($0)"] } ?? [])
}

/// Reads the input half of a case: `#! kind key` and `#! device name asset` are rules, `#! bytes hex` are raw bytes,
/// `#! end` is the end of the connection.
private func play(_ input: String) -> [String] {
    var rules = SHDRRules(asset: "okuma")
    var steps: [[UInt8]?] = []
    for line in input.split(separator: "\n", omittingEmptySubsequences: false) {
        guard line.hasPrefix("#! ") else {
            steps.append(Array(line.utf8) + [0x0A])
            continue
        }
        let words = line.dropFirst(3).split(separator: " ").map(String.init)
        switch words[0] {
        case "device": rules.devices[words[1]] = AssetID(words[2])
        case "end": steps.append(nil)
        case "bytes":
            steps.append(
                stride(from: 0, to: words[1].count, by: 2).map { offset in
                    let start = words[1].index(words[1].startIndex, offsetBy: offset)
                    return UInt8(words[1][start..<words[1].index(start, offsetBy: 2)], radix: 16) ?? 0
                })
        default: rules.model[words[1]] = SHDRKind(rawValue: words[0])
        }
    }
    var parser = SHDRParser(rules, place: "adapter")
    return steps.flatMap { bytes in
        rendering(bytes.map { parser.take($0, now: arrival) } ?? parser.end(now: arrival))
    }
}

@Suite("The forms of SHDR lines")
struct SHDRCorpusTests {
    private static let folder = packageRoot.appending(path: "Tests/Corpus/shdr")

    static let names: [String] = {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return all.filter { $0.hasSuffix(".case") }.sorted()
    }()

    @Test("every form of the corpus is read as written there", arguments: names)
    func corpus(_ name: String) throws {
        let file = Self.folder.appending(path: name)
        let parts = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "----------\n")
        let input = parts[0]
        let result = play(String(input.dropLast())).joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try (input + "----------\n" + result).write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(parts.count == 2 && parts[1] == result, "\(name):\n\(result)")
        }
    }

    @Test("the corpus is there")
    func present() { #expect(Self.names.count >= 8) }
}
