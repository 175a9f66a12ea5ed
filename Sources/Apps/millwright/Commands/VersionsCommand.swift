import ArgumentParser
import Canonical
import ExactJSON
import Foundation
import Store

struct VersionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", abstract: "Lists the settings that a node ran, and shows their files.",
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them, the newest first, with what changed.")
        @OptionGroup var options: FolderOptions
        @Option(help: "The most to list.") var limit = 50
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let found = try options.reader().read { try $0.settingsVersions(limit: limit + 1) }
            let versions = found.prefix(limit).enumerated().map { index, version in
                (version: version, changes: index + 1 < found.count ? version.changes(since: found[index + 1]) : [])
            }
            if json {
                return Output.json([
                    "versions": .array(
                        versions.map { version, changes in
                            [
                                "version": .int(Int(version.id)), "digest": .string(version.digest),
                                "started": .string(version.started.description), "reason": .string(version.reason),
                                "changes": .array(changes.map { .string($0) }),
                            ]
                        })
                ])
            }
            guard !versions.isEmpty else { return Output.say("the node has not run since its versions are kept") }
            Output.say(
                Output.table(
                    ["version", "digest", "since", "why", "changed"],
                    versions.map { version, changes in
                        [
                            String(version.id), String(version.digest.prefix(12)), version.started.description,
                            version.reason, changes.joined(separator: ", "),
                        ]
                    }))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the files of a version, or shows or writes them.")
        @OptionGroup var options: FolderOptions
        @Argument(help: "The version's number.") var id: Int64
        @Argument(help: "One of its files, to be shown.") var file: String?
        @Option(help: "A new folder that all of its files are written to.") var output: String?

        func run() throws {
            let reader = try options.reader()
            guard let version = try reader.read({ try $0.settingsVersion(id) }) else {
                throw CommandFailure(description: "there is no version \(id); `millwright versions` lists them")
            }
            if let file {
                guard let bytes = try reader.read({ try $0.settingsFile(file, of: version) }) else {
                    throw CommandFailure(description: "version \(id) has no file \(file)")
                }
                return Output.say(String(decoding: bytes, as: UTF8.self))
            }
            guard let output else {
                for path in version.files.keys.sorted() { Output.say(path) }
                return
            }
            guard !FileManager.default.fileExists(atPath: output) else {
                throw CommandFailure(description: "\(output) is there already: give a folder that is not", code: 2)
            }
            for path in version.files.keys.sorted() {
                guard let bytes = try reader.read({ try $0.settingsFile(path, of: version) }) else { continue }
                let place = URL(fileURLWithPath: output).appendingPathComponent(path)
                try FileManager.default.createDirectory(
                    at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: place)
            }
            Output.say("\(Output.count(version.files.count, "file")) of version \(id) are in \(output)")
        }
    }
}
