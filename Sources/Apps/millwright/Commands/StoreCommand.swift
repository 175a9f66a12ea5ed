import ArgumentParser
import ExactJSON
import Foundation
import Store
import World
import WorldLive

struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Looks after a node's store: check, export, repair, compact, backup, restore.",
        discussion: """
            check, export and backup may run beside the node; the others refuse while it runs. A node mends a damaged \
            store by itself when it starts; repair does the same by hand.
            """,
        subcommands: [Check.self, Export.self, Repair.self, Compact.self, Backup.self, Restore.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads every page and row, and says what is wrong.",
            discussion: "Exit code 0 where nothing is wrong, 1 where something is.")
        @OptionGroup var store: StoreOptions
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let report = try StoreDoctor.check(try store.path())
            if json { Output.json(report.json) } else { Output.say(report.printed) }
            if !report.isSound { throw ExitCode(1) }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes events, deliveries, commands, exceptions and the audit trail as JSON Lines.",
            discussion: "What is damaged is passed over and counted.")
        @OptionGroup var store: StoreOptions
        @Argument(help: "The file to write; it must not exist.") var file: String
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let path = try store.path()
            let handle = try create(absolute(file))
            defer { try? handle.close() }
            let counts = try StoreDoctor.export(path) { try handle.write(contentsOf: $0) }
            if json {
                var value: JSON = ["file": .string(file)]
                for (table, count) in counts.sorted(by: { $0.key < $1.key }) { value[table] = .int(count) }
                return Output.json(value)
            }
            for (table, count) in counts.sorted(by: { $0.key < $1.key }) where table != "unreadable" {
                Output.say("\(table): \(count)")
            }
            if let tables = counts["unreadable"] {
                Output.note(
                    "\(Output.count(tables, "table")) could not be read whole: `millwright store check` says more")
            }
        }
    }

    struct Repair: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Mends a damaged store: keeps what can be read, sets the damaged file aside, reports what is lost.")
        @OptionGroup var store: StoreOptions
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let report = try store.alone { try StoreDoctor.repair($0, world: .live()) }
            if json { return Output.json(report?.json ?? ["mended": false]) }
            guard let report else { return Output.say("nothing is wrong") }
            Output.say("\(report.summary)\nthe damaged store is kept as \(report.setAside)")
            if !report.losses.isEmpty {
                Output.say("`millwright exceptions` lists what is lost and what to do about it")
            }
        }
    }

    struct Compact: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the store as small as what it holds.",
            discussion: "Needs about twice the store's size of free space while it works.")
        @OptionGroup var store: StoreOptions
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let (before, after) = try store.alone { try StoreDoctor.compact($0) }
            if json { return Output.json(["before": .int(before), "after": .int(after)]) }
            Output.say("\(before) bytes before, \(after) after")
        }
    }

    struct Backup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies the store while the node runs: one committed state, checked before it gets its name.")
        @OptionGroup var store: StoreOptions
        @Argument(help: "The file to write; it must not exist.") var file: String
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let report = try StoreDoctor.backup(try store.path(), to: absolute(file))
            let events = report.lanes.reduce(0) { $0 + $1.events }
            if json {
                return Output.json([
                    "file": .string(file), "bytes": .int(report.bytes), "epoch": .string(report.epoch),
                    "events": .int(events),
                ])
            }
            Output.say("\(Output.count(events, "event")), \(report.bytes) bytes: \(file)")
            Output.say("its checksums are in \(file)-sums: keep both together")
        }
    }

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts a backup in the place of the store, which is kept beside it.",
            discussion: """
                The store begins a new epoch. What was done in the target since the backup is not known to it: \
                commands that are open in the backup are asked for there before they are sent.
                """)
        @OptionGroup var store: StoreOptions
        @Argument(help: "The backup.") var file: String
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let aside = try store.alone { try StoreDoctor.restore(from: absolute(file), to: $0, world: .live()) }
            if json { return Output.json(["restored": .string(file), "replaced": aside.map { .string($0) } ?? .null]) }
            Output.say("restored from \(file)" + (aside.map { "; the store before is kept as \($0)" } ?? ""))
        }
    }
}

/// Which store a command is about.
struct StoreOptions: ParsableArguments {
    @OptionGroup var options: FolderOptions
    @Option(name: .customLong("store"), help: "The store's file, in place of that of the folder's node.")
    var location: String?

    /// The store's path.
    func path() throws -> String {
        if let location { return absolute(location) }
        return Composition.storePath(try options.load())
    }

    /// The store, to be looked into.
    func reader() throws -> StoreReader {
        if let location { return try StoreReader(path: absolute(location)) }
        do {
            return try options.reader()
        } catch let failure as CommandFailure where failure.code == 2 {
            // What ran is wanted most where the folder does not run.
            throw CommandFailure(
                description: "\(failure.description); --store FILE looks into a store without its folder", code: 2)
        }
    }

    /// Runs `body` with the store's path while no node can run it.
    func alone<R>(_ body: (String) throws -> R) throws -> R {
        let path = try path()
        let lock = try StoreLock(
            (path as NSString).deletingLastPathComponent, advice: "Stop the node first, then run this again.")
        defer { lock.release() }
        return try body(path)
    }
}

/// Makes a file for this user alone, where there is none.
private func create(_ path: String) throws -> FileHandle {
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
        throw CommandFailure(description: "cannot make \(path): \(String(cString: strerror(errno)))")
    }
    return FileHandle(fileDescriptor: descriptor)
}

private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

extension StoreReport {
    /// What a person is told.
    var printed: String {
        var lines = ["\(path): version \(version), epoch \(epoch)"]
        for lane in lanes where lane.events > 0 {
            lines.append("lane \(lane.lane.name): \(lane.events) events, \(lane.first)…\(lane.last)")
        }
        lines.append("\(pages) pages, \(uncheckedPages) of them without a checksum; \(logFrames) pages in the log")
        if !lasting.isEmpty { lines.append("rows that no retention ends: \(lasting)") }
        if damagedPages > 0 { lines.append("damaged: \(damagedPages) pages, among them \(listedPages.prefix(20))") }
        if damagedFrames > 0 { lines.append("damaged: \(damagedFrames) pages of the log") }
        if missingFrames > 0 { lines.append("gone: \(missingFrames) pages of commits from the log's end") }
        lines += findings
        if let line = auditBreak {
            lines.append("the audit trail is broken at line \(line): it was changed, or lines before it are gone")
        }
        if isSound { lines.append("ok") }
        if !isWhole { lines.append("stop the node and run `millwright store repair`, or just start it again") }
        return lines.joined(separator: "\n")
    }
}

extension SalvageReport {
    /// What `--json` prints.
    var json: JSON {
        [
            "mended": true, "setAside": .string(setAside), "pages": .int(pages), "damagedPages": .int(damagedPages),
            "damagedLogFrames": .int(damagedFrames), "missingLogFrames": .int(missingFrames),
            "kept": .int(kept.values.reduce(0, +)),
            "lost": .array(
                losses.map { loss in
                    [
                        "table": .string(loss.table), "lane": loss.lane.map { .string($0.name) } ?? .null,
                        "first": loss.rows.map { .int(Int($0.lowerBound)) } ?? .null,
                        "last": loss.rows.map { .int(Int($0.upperBound)) } ?? .null,
                    ]
                }),
        ]
    }
}
