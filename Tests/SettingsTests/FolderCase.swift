import Contracts
import Foundation
import Testing

@testable import NodeSettings

/// One file of the corpus: a settings folder in one text, `----------`, and the faults that are expected of it.
///
/// A first line `@base` puts the folder on top of `base.folder`; `@overlay NAME` reads it with an overlay. Files begin
/// with `=== path`; `=== path (removed)` takes one of the base's away, `=== path (hex)` gives its bytes.
struct FolderCase: Sendable, CustomTestStringConvertible {
    let name: String
    let url: URL
    let input: String
    let expected: String

    static let separator = "----------\n"
    static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Corpus/settings")

    var testDescription: String { name }

    static let all: [FolderCase] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []
        return names.filter { $0.hasSuffix(".case") }.sorted().compactMap { name in
            let url = corpus.appending(path: name)
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
            let parts = text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
            return FolderCase(
                name: String(name.dropLast(5)), url: url, input: String(parts[0]),
                expected: parts.count > 1 ? String(parts[1]) : "")
        }
    }()

    /// The folder's files below `/settings`, and the overlay to read.
    func folder() -> (files: [String: [UInt8]], overlay: String?) {
        var files: [String: [UInt8]] = [:]
        var overlay: String?
        for line in input.split(separator: "\n").prefix(while: { $0.hasPrefix("@") }) {
            if line == "@base",
                let base = try? String(contentsOf: Self.corpus.appending(path: "base.folder"), encoding: .utf8)
            {
                Self.add(base, to: &files)
            }
            if line.hasPrefix("@overlay ") { overlay = String(line.dropFirst("@overlay ".count)) }
        }
        Self.add(input, to: &files)
        return (files, overlay)
    }

    private static func add(_ text: String, to files: inout [String: [UInt8]]) {
        for block in ("\n" + text).components(separatedBy: "\n=== ").dropFirst() {
            let end = block.firstIndex(of: "\n") ?? block.endIndex
            let header = block[..<end].split(separator: " ", maxSplits: 1)
            let path = "/settings/\(header[0])"
            var body = String(block[end...].dropFirst())
            if !body.isEmpty, !body.hasSuffix("\n") { body += "\n" }
            switch header.count > 1 ? header[1] : "" {
            case "(removed)": files[path] = nil
            case "(hex)": files[path] = body.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
            default: files[path] = Array(body.utf8)
            }
        }
    }

    func report() -> FolderReport {
        let (files, overlay) = folder()
        return Self.reader(MemoryDisk(files: files)).read("/settings", overlay: overlay)
    }

    static func reader(_ disk: MemoryDisk, limits: SettingsLimits = SettingsLimits()) -> FolderReader {
        FolderReader(
            disk: disk, connectors: SampleSpecs.all, signals: SampleSpecs.signals, limits: limits,
            checkProgram: SampleSpecs.checkProgram)
    }
}
