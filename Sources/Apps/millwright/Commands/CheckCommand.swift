import ArgumentParser
import ExactJSON
import NodeSettings
import WorldLive

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Finds every fault of a settings folder without starting anything.",
        discussion: "Exit code 0 where the folder can run, 2 where it has errors.")

    @OptionGroup var options: FolderOptions
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        let report = Composition.read(options.absoluteFolder, overlay: options.overlay, disk: LiveDisk())
        if json {
            Output.json([
                "ok": .bool(!report.hasErrors),
                "faults": .array(
                    report.faults.map { fault in
                        [
                            "file": .string(fault.location.file), "line": .int(fault.location.line),
                            "column": .int(fault.location.column), "code": .string(fault.code),
                            "severity": .string(fault.severity.rawValue), "reason": .string(fault.reason),
                            "suggestion": .string(fault.suggestion),
                        ]
                    }),
            ])
        } else if report.faults.isEmpty, let folder = report.folder {
            Output.say(
                "ok: node \(folder.node.node), \(folder.sources.count) sources, \(folder.flows.count) flows, \(folder.targets.count) targets"
            )
        } else {
            Output.say(report.printed())
        }
        if report.hasErrors { throw ExitCode(2) }
    }
}
