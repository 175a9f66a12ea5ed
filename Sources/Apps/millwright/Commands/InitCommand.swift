import ArgumentParser
import ExactJSON
import Foundation
import NodeSettings
import World
import WorldLive

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes a settings folder to begin with: it checks, its tests pass, its comments explain.",
        discussion: "Templates:\n"
            + FolderTemplate.Name.allCases.map { "  \($0.rawValue): \($0.template.summary)" }.joined(separator: "\n"))

    @Argument(help: "The new folder; one that is there must be empty.") var folder: String
    @Option(
        help:
            "What the folder is to begin with: \(FolderTemplate.Name.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var template: FolderTemplate.Name
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        let root = URL(fileURLWithPath: folder).standardizedFileURL.path
        let disk = LiveDisk()
        if let status = try disk.status(root) {
            guard status.isDirectory else {
                throw CommandFailure(description: "\(root) is a file: name a new folder", code: 2)
            }
            // Whatever begins with a dot counts as well: a repository's own folder shows that this is no new place.
            guard try disk.list(root).isEmpty else {
                throw CommandFailure(description: "\(root) is not empty: name a new folder", code: 2)
            }
        }
        let name = (root as NSString).lastPathComponent
        let isName = (try? NameText.check(name)) != nil
        let files = template.template.files(node: isName ? name : template.rawValue)
        for file in files {
            try disk.makeDirectory(("\(root)/\(file.path)" as NSString).deletingLastPathComponent)
            try disk.replace("\(root)/\(file.path)", with: Array(file.text.utf8), mode: 0o644)
        }
        if json {
            return Output.json([
                "folder": .string(root), "template": .string(template.rawValue),
                "files": .array(files.map { .string($0.path) }),
            ])
        }
        for file in files { Output.say("made \(file.path)") }
        Output.say(
            """

            Next:
              millwright check --folder \(folder)
              millwright test --folder \(folder)
            Then put the machine's address and Odoo's into it, and what your own machine sends into tests/.
            """)
    }
}
