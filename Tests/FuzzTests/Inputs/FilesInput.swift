import Canonical
import Contracts
import ExactJSON

@testable import FilesConnector

/// Two bytes that choose how a file is read, then its text. A file means the same in whatever pieces it comes.
enum FilesInput {
    static func check(_ input: [UInt8]) throws {
        guard input.count >= 2 else { return }
        let options = options(input[0], input[1])
        let text = Array(input.dropFirst(2))
        var whole = FormatReader(options, record: "rec")
        let first = whole.feed(text) + whole.finish()
        let size = 1 + Int(input[0] ^ input[1]) % 7
        var cut = FormatReader(options, record: "rec")
        var second: [ParsedItem] = []
        for start in stride(from: 0, to: text.count, by: size) {
            second += cut.feed(Array(text[start..<min(start + size, text.count)]))
        }
        second += cut.finish()
        try require(second.count == first.count, "in pieces of \(size): \(second.count) items, not \(first.count)")
        for (a, b) in zip(first, second) {
            try require(
                a.content == b.content && a.start == b.start && a.line == b.line,
                "in pieces of \(size), line \(a.line) byte \(a.start): \(b.content) at \(b.line), \(b.start)"
                    + ", not \(a.content)")
        }
    }

    private static func options(_ first: UInt8, _ second: UInt8) -> FormatOptions {
        let kinds: [FormatOptions.Kind] = [.sections, .csv, .tsv, .jsonlines]
        var options = FormatOptions(kind: kinds[Int(first & 3)])
        if options.kind == .tsv { options.delimiter = 0x09 }
        options.encoding = TextEncoding.allCases[Int(first >> 2 & 7) % TextEncoding.allCases.count]
        if first & 0x20 != 0 { options.attach = ["Counter"] }
        if first & 0x40 != 0 { options.end = .header }
        if first & 0x80 != 0 { options.end = .marker("END") }
        if second & 1 != 0 { options.comment = "#" }
        if second & 2 != 0 { options.hasHeader = false }
        if second & 4 != 0 { options.columns = ["one", "two"] }
        if second & 8 != 0 { options.skip = 2 }
        if second & 16 != 0 { options.quote = nil }
        if second & 32 != 0 { options.recordField = "one" }
        if second & 64 != 0 {
            options.maximum = 128
            options.originalMaximum = 32
        }
        return options
    }
}
