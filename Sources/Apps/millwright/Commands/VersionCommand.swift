import ArgumentParser
import ExactJSON

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Says which version this is.")

    @Flag(help: "One line of JSON.") var json = false

    func run() {
        if json {
            Output.json(["version": .string(Version.text)])
        } else {
            Output.say("millwright \(Version.text)")
        }
    }
}
