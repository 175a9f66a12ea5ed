import ArgumentParser
import Foundation
import Store
import WorldLive

struct TapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tap",
        abstract: "Shows or saves a node's events as JSON Lines, which `millwright test` takes as input.",
        discussion: """
            Reads the store beside the running node and changes nothing. Without --follow the newest events are shown, \
            oldest first; with it those that come from now on, until Ctrl-C or the limit.
            """)

    @OptionGroup var options: FolderOptions
    @Option(help: "Only events of this type: millwright.production.*") var type: String?
    @Option(
        name: .customLong("where"), help: "Only events of which this jq expression gives true: '.subject == \"MO-7\"'")
    var predicate: String?
    @Flag(help: "Wait for further events.") var follow = false
    @Option(help: "Write the events to this new file.") var save: String?
    @Option(help: "The most events; 20 where neither this nor --follow is given.") var limit: Int?

    /// The most events that are held at one time.
    private static let limitMaximum = 100_000
    /// How often the store is looked into with --follow.
    private static let look = Duration.milliseconds(300)

    func validate() throws {
        if let limit, !(1...Self.limitMaximum).contains(limit) {
            throw ValidationError("--limit is a number from 1 to \(Self.limitMaximum).")
        }
    }

    func run() async throws {
        var selector = try EventSelector(type: type, predicate: predicate)
        var tap = JournalTap(try options.reader())
        let sink = try TapSink(save)
        guard follow else {
            for entry in try tap.newest(limit ?? 20, &selector) { try sink.write(JournalTap.line(entry)) }
            return finish(sink, selector)
        }
        let limit = limit ?? .max
        try tap.skipToEnd()
        let (start, last) = (tap, Confine(selector))
        try await Termination.run {
            var (selector, tap) = (last.value, start)
            defer { last.value = selector }
            while sink.count < limit, !sink.isClosed {
                let entries = try tap.next()
                for entry in entries where sink.count < limit && selector.takes(entry) {
                    try sink.write(JournalTap.line(entry))
                }
                if entries.isEmpty { try await LiveClock().sleep(for: Self.look) }
            }
        }
        finish(sink, last.value)
    }

    private func finish(_ sink: TapSink, _ selector: EventSelector) {
        if let save { Output.note("\(Output.count(sink.count, "event")) in \(save)") }
        if let failure = selector.failure {
            Output.note("--where failed on \(Output.count(selector.failures, "event")), which are left out: \(failure)")
        }
    }
}

/// Where tapped events go: a new file, or standard output.
private final class TapSink: Sendable {
    /// Nil for standard output.
    private let handle: FileHandle?
    private let isTerminal: Bool
    private let written = Confine(0)

    init(_ path: String?) throws {
        guard let path else {
            handle = nil
            isTerminal = isatty(STDOUT_FILENO) == 1
            return
        }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(description: "\(path) is there already: name a new file", code: 2)
        }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let opened = FileHandle(forWritingAtPath: path)
        else { throw CommandFailure(description: "\(path) cannot be written") }
        handle = opened
        isTerminal = false
    }

    var count: Int { written.value }

    /// Whether nothing more will be read.
    var isClosed: Bool {
        handle == nil && (StandardStream.output.hasNoReader || StandardStream.output.failure != nil)
    }

    func write(_ line: [UInt8]) throws {
        // Strangers' text must not steer a terminal; a file and a program get the bytes as they are.
        if isTerminal {
            Output.say(Output.shown(String(decoding: line, as: UTF8.self), oneLine: true))
        } else if let handle {
            try handle.write(contentsOf: Data(line + [0x0A]))
        } else {
            StandardStream.output.write(line + [0x0A])
        }
        written.value += 1
    }
}
