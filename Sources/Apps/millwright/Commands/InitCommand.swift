import ArgumentParser
import ExactJSON
import Foundation
import NodeSettings

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
        let place = try NewFolder(folder)
        let root = place.path
        let name = (root as NSString).lastPathComponent
        let isName = (try? NameText.check(name)) != nil
        let files = template.template.files(node: isName ? name : template.rawValue)
        for file in files { try place.write(file.path, Array(file.text.utf8)) }
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
