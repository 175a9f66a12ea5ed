import ArgumentParser
import Canonical
import ExactJSON
import Store

struct VersionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", abstract: "Lists the settings that a node ran, shows their files, writes them out.",
        discussion: "Where the folder as it is now has faults, name the store with --store.",
        subcommands: [List.self, Show.self, Export.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them, the newest first, with what changed.")
        @OptionGroup var store: StoreOptions
        @Option(help: "The most to list.") var limit = 50
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let found = try store.reader().read { try $0.settingsVersions(limit: limit + 1) }
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
        static let configuration = CommandConfiguration(abstract: "Lists the files of a version, or shows one.")
        @OptionGroup var store: StoreOptions
        @Argument(help: "The version's number.") var id: Int64
        @Argument(help: "One of its files, to be shown.") var file: String?

        func run() throws {
            let reader = try store.reader()
            let version = try reader.version(id)
            guard let file else {
                for path in version.files.keys.sorted() { Output.say(path) }
                return
            }
            Output.say(String(decoding: try reader.file(file, of: version), as: UTF8.self))
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the files of a version into a new or an empty folder, so that it can be put back.",
            discussion: """
                Secrets are references in them, as they were. Tests, and files that the settings only name (keys, \
                certificates, what references lead to), are not kept with a version.
                """)
        @OptionGroup var store: StoreOptions
        @Argument(help: "The version's number.") var id: Int64
        @Option(name: .customLong("to"), help: "The folder: a new or an empty one.") var target: String
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let reader = try store.reader()
            let version = try reader.version(id)
            let paths = version.files.keys.sorted()
            let folder = try NewFolder(target)
            // All are looked at before one is written: half a folder must not look like a whole one.
            for path in paths {
                // A store may have come from anywhere.
                guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
                    throw CommandFailure(description: "version \(id) names a file outside of its folder: \(path)")
                }
                _ = try reader.file(path, of: version)
            }
            for path in paths { try folder.write(path, try reader.file(path, of: version)) }
            if json {
                return Output.json([
                    "version": .int(Int(id)), "digest": .string(version.digest), "to": .string(folder.path),
                    "files": .array(paths.map { .string($0) }),
                ])
            }
            Output.say("\(Output.count(paths.count, "file")) of version \(id) are in \(folder.path)")
        }
    }
}

extension StoreReader {
    /// One version. Throws where there is none of this number.
    fileprivate func version(_ id: Int64) throws -> SettingsVersion {
        guard let version = try read({ try $0.settingsVersion(id) }) else {
            throw CommandFailure(description: "there is no version \(id); `millwright versions` lists them")
        }
        return version
    }

    /// The bytes of one of a version's files. Throws where it has none of that path.
    fileprivate func file(_ path: String, of version: SettingsVersion) throws -> [UInt8] {
        guard let bytes = try read({ try $0.settingsFile(path, of: version) }) else {
            throw CommandFailure(description: "version \(version.id) has no file \(path)")
        }
        return bytes
    }
}
