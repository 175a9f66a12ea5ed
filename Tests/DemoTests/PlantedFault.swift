import Foundation
import NodeSettings
import Testing
import WorldLive

@testable import millwright

/// One fault of `Tests/Corpus/planted/CLASS.faults`: a sound folder, an edit that puts a fault in, what `check` must
/// say of it and where, and the mend that it advises.
///
/// ```text
/// === what is wrong
/// on hub                            the folder that is edited; `plant` where nothing is said
/// in sources/press.yaml             lines that are replaced; without `-` they are put at the end, or into a new file
/// - poll: 1s
/// + pol: 1s
/// mode 644 secrets/other            permissions of a file
/// overlay test                      the overlay that is read
/// here                              the folder is checked with --here
/// refused                           the fault keeps the folder from being run
/// set NAME=VALUE                    a variable of the environment
/// find SET-020 sources/press.yaml:7 did you mean poll?
/// mend sources/press.yaml           further edits; without any the edit is undone, as the advice says
/// ```
struct PlantedFault: Sendable, CustomTestStringConvertible {
    /// A change to the folder.
    enum Step: Sendable {
        case edit(file: String, hunks: [Hunk])
        case mode(Int, file: String)
        case remove(file: String)
    }

    /// Lines, and what stands in their place.
    struct Hunk: Sendable {
        var old: [String] = []
        var new: [String] = []
    }

    /// What is wrong with the corpus itself.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    let kind: String
    let title: String
    var base = "plant"
    var steps: [Step] = []
    var mend: [Step]?
    var overlay: String?
    var isHome = false
    var isRefused = false
    var environment: [String: String] = [:]
    var code = ""
    var file = ""
    var line = 0
    /// A part of what is to be done.
    var advice = ""
    /// Lines of the corpus that say nothing.
    var unread: [String] = []

    var testDescription: String { "\(kind): \(title)" }

    static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Corpus/planted")

    static let all: [PlantedFault] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []
        return names.filter { $0.hasSuffix(".faults") }.sorted().flatMap { name -> [PlantedFault] in
            let text = (try? String(contentsOf: corpus.appending(path: name), encoding: .utf8)) ?? ""
            return read(text, kind: String(name.dropLast(7)))
        }
    }()

    // MARK: - Reading

    private static func read(_ text: String, kind: String) -> [PlantedFault] {
        ("\n" + text).components(separatedBy: "\n=== ").dropFirst().map { block in
            var lines = block.components(separatedBy: "\n")
            var fault = PlantedFault(kind: kind, title: lines.removeFirst())
            for line in lines where !line.isEmpty { fault.take(line) }
            return fault
        }
    }

    private mutating func take(_ line: String) {
        if line.hasPrefix("- ") || line.hasPrefix("+ ") { return takeText(line) }
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "on": base = rest
        case "in": add(.edit(file: rest, hunks: []))
        case "mend":
            mend = []
            if !rest.isEmpty { add(.edit(file: rest, hunks: [])) }
        case "mode":
            let parts = rest.split(separator: " ").map(String.init)
            add(.mode(Int(parts[0], radix: 8) ?? 0, file: parts[1]))
        case "remove": add(.remove(file: rest))
        case "overlay": overlay = rest
        case "here": isHome = true
        case "refused": isRefused = true
        case "set":
            let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            environment[parts[0]] = parts[1]
        case "find":
            let parts = rest.split(separator: " ", maxSplits: 2).map(String.init)
            let place = parts[1].split(separator: ":").map(String.init)
            (code, file, self.line) = (parts[0], place[0], Int(place[1]) ?? 0)
            advice = parts.count > 2 ? parts[2] : ""
        default: unread.append(line)
        }
    }

    private mutating func add(_ step: Step) { if mend != nil { mend?.append(step) } else { steps.append(step) } }

    private mutating func takeText(_ line: String) {
        let last = mend == nil ? steps.popLast() : mend?.popLast()
        guard case .edit(let file, var hunks)? = last else { return unread.append(line) }
        let text = String(line.dropFirst(2))
        let isOld = line.hasPrefix("-")
        // Lines to be taken away behind lines to be put in begin the next place.
        if hunks.isEmpty || (isOld && !hunks[hunks.count - 1].new.isEmpty) { hunks.append(Hunk()) }
        if isOld { hunks[hunks.count - 1].old.append(text) } else { hunks[hunks.count - 1].new.append(text) }
        add(.edit(file: file, hunks: hunks))
    }

    // MARK: - Doing

    /// A copy of the base folder.
    func copy() throws -> String {
        let place = NSTemporaryDirectory() + "millwright-planted-" + UUID().uuidString
        try FileManager.default.copyItem(atPath: Self.corpus.appending(path: base).path, toPath: place)
        let secret = place + "/secrets/odoo"
        if FileManager.default.fileExists(atPath: secret) { try Self.setMode(0o600, secret) }
        return place
    }

    func plant(in folder: String) throws { for step in steps { try Self.apply(step, in: folder) } }

    func putRight(in folder: String) throws {
        if let mend { return try mend.forEach { try Self.apply($0, in: folder) } }
        for case .edit(let file, let hunks) in steps.reversed() {
            let undone = hunks.reversed().map { Hunk(old: $0.new, new: $0.old) }
            try Self.apply(.edit(file: file, hunks: undone), in: folder)
        }
    }

    func report(_ folder: String) -> FolderReport {
        WholeCheck(root: folder, disk: LiveDisk(), environment: environment, isHome: isHome).report(overlay: overlay)
            .settings
    }

    private static func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private static func apply(_ step: Step, in folder: String) throws {
        switch step {
        case .mode(let mode, let file): try setMode(mode, "\(folder)/\(file)")
        case .remove(let file): try FileManager.default.removeItem(atPath: "\(folder)/\(file)")
        case .edit(let file, let hunks): for hunk in hunks { try apply(hunk, to: "\(folder)/\(file)") }
        }
    }

    private static func apply(_ hunk: Hunk, to path: String) throws {
        let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        var lines = text?.components(separatedBy: "\n") ?? []
        if lines.last == "" { lines.removeLast() }
        if hunk.old.isEmpty {
            lines += hunk.new
        } else {
            let starts = lines.indices.filter { lines[$0...].starts(with: hunk.old) }
            guard starts.count == 1 else {
                throw Unreadable(description: "\(path) has \(starts.count) places with \(hunk.old)")
            }
            lines.replaceSubrange(starts[0]..<starts[0] + hunk.old.count, with: hunk.new)
        }
        guard !lines.isEmpty else { return try FileManager.default.removeItem(atPath: path) }
        try NodeProcess.write(path, lines.joined(separator: "\n") + "\n")
        if let mode { try setMode(mode, path) }
    }
}
