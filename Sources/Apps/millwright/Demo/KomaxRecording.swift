import Canonical
import Foundation

/// The recorded log files of a Komax wire-processing machine, cut into the pieces in which it wrote them, in the order of time.
struct KomaxRecording: Sendable {
    /// One run of bytes that the machine appended at once.
    struct Piece: Sendable {
        /// Below the recording's folder: `03/Job.sdc`.
        let path: String
        let bytes: [UInt8]
        /// Local time as the machine wrote it, seconds; only for the order and the pace.
        let second: Int
    }

    let pieces: [Piece]
    /// Good pieces by order, line and article, counted by this type's own reading of the sections.
    let good: [String: Int]
    /// The same, fact by fact.
    let facts: [String: [Int]]

    /// Reads `DIR/DD/*.sdc|ldc|edc`.
    init(folder: String) throws {
        let manager = FileManager.default
        var pieces: [Piece] = []
        var facts: [String: [Int]] = [:]
        var clock = 0
        for day in try manager.contentsOfDirectory(atPath: folder).sorted() {
            var files: [[Piece]] = []
            var isDirectory: ObjCBool = false
            guard manager.fileExists(atPath: "\(folder)/\(day)", isDirectory: &isDirectory), isDirectory.boolValue
            else {
                continue
            }
            for name in try manager.contentsOfDirectory(atPath: "\(folder)/\(day)").sorted() {
                guard ["sdc", "ldc", "edc"].contains((name as NSString).pathExtension) else { continue }
                let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(day)/\(name)")))
                files.append(Self.cut(bytes, path: "\(day)/\(name)", from: clock))
                if name == "Job.sdc" { Self.count(bytes, into: &facts) }
            }
            let merged = Self.merge(files)
            clock = merged.last?.second ?? clock
            pieces += merged
        }
        self.init(pieces: pieces, facts: facts)
    }

    /// A recording that was made up.
    init(pieces: [Piece], facts: [String: [Int]]) {
        self.pieces = pieces
        self.facts = facts
        good = facts.mapValues { $0.reduce(0, +) }
    }

    /// All pieces that belong to orders of the ERP, and those of jobs started at the machine.
    static func isLocal(_ key: String) -> Bool { key.hasPrefix("LOCAL") }

    /// Cuts a file at its lines; each takes the last time that stands in the file up to it.
    private static func cut(_ bytes: [UInt8], path: String, from clock: Int) -> [Piece] {
        var pieces: [Piece] = []
        var start = 0
        var second = clock
        var pendingStart = 0
        for index in 0..<bytes.count where bytes[index] == 0x0A || index == bytes.count - 1 {
            let line = bytes[start...index]
            if let stamp = time(in: line) { second = max(second, stamp) }
            // A header goes out with the line behind it, which has the time.
            if line.first != UInt8(ascii: "[") {
                pieces.append(Piece(path: path, bytes: Array(bytes[pendingStart...index]), second: second))
                pendingStart = index + 1
            }
            start = index + 1
        }
        if pendingStart < bytes.count {
            pieces.append(Piece(path: path, bytes: Array(bytes[pendingStart...]), second: second))
        }
        return pieces
    }

    /// `DateTimeStamp=03/02/2025,07:00:19` or `03/02/2025<tab>07:00:19…` as seconds.
    private static func time(in line: ArraySlice<UInt8>) -> Int? {
        var text = String(decoding: line.prefix(40), as: UTF8.self)
        if text.hasPrefix("DateTimeStamp=") { text.removeFirst("DateTimeStamp=".count) }
        let digits = text.prefix(19).split { !$0.isNumber }.compactMap { Int($0) }
        guard digits.count == 6, let date = CivilDate(year: digits[2], month: digits[1], day: digits[0]) else {
            return nil
        }
        return date.daysSinceEpoch * 86_400 + digits[3] * 3_600 + digits[4] * 60 + digits[5]
    }

    private static func merge(_ files: [[Piece]]) -> [Piece] {
        var heads = files.map { _ in 0 }
        var merged: [Piece] = []
        while true {
            var next: Int?
            for file in files.indices where heads[file] < files[file].count {
                if next.map({ files[file][heads[file]].second < files[$0][heads[$0]].second }) ?? true { next = file }
            }
            guard let next else { return merged }
            merged.append(files[next][heads[next]])
            heads[next] += 1
        }
    }

    /// Adds up `TotalGoodPieces` of the sections that end a job.
    private static func count(_ bytes: [UInt8], into facts: inout [String: [Int]]) {
        var fields: [String: String] = [:]
        var section = ""
        func close() {
            guard section == "JobTerminated" || section == "JobAborted" else { return }
            let key = "\(fields["Job"] ?? ""), \(fields["ArticleKey"] ?? "")"
            let pieces = Int(fields["TotalGoodPieces"] ?? "") ?? 0
            if pieces > 0 { facts[key, default: []].append(pieces) }
        }
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line.hasPrefix("[") {
                close()
                section = String(line.dropFirst().prefix { $0 != "]" })
                fields = [:]
            } else if let equals = line.firstIndex(of: "=") {
                fields[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
        }
        close()
    }
}
