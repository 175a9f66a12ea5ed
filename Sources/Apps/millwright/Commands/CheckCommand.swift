import ArgumentParser
import ExactJSON
import Foundation
import NodeSettings
import WorldLive

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Finds every fault of a settings folder without starting anything.",
        discussion:
            "Exit code 0 where the folder can run, 2 where it has errors. Of secrets, what is there is looked at "
            + "on every machine; --here also says which of them are missing.")

    @OptionGroup var options: FolderOptions
    @Flag(help: "One line of JSON.") var json = false
    @Flag(help: "This is the machine that the node runs on: its secrets and keys must be here.") var here = false

    func run() throws {
        let check = WholeCheck(
            root: options.absoluteFolder, disk: LiveDisk(), environment: ProcessInfo.processInfo.environment,
            isHome: here)
        let (report, tests) = check.report(overlay: options.overlay)
        let unseen = report.folder.map { check.unseenSecrets(of: $0) } ?? 0
        if json {
            Output.json([
                "ok": .bool(!report.hasErrors),
                "faults": .array(report.faults.map(\.json)), "secretsNotLookedAt": .int(unseen),
            ])
        } else if report.faults.isEmpty, let folder = report.folder {
            let cases = tests?.files.reduce(0) { $0 + $1.cases.count } ?? 0
            let counts = [
                (folder.sources.count, "source"), (folder.flows.count, "flow"), (folder.targets.count, "target"),
                (cases, "test"),
            ].map { Output.count($0, $1) }
            Output.say("ok: node \(folder.node.node), \(counts.joined(separator: ", "))")
        } else {
            Output.say(report.printed())
        }
        if !json, unseen > 0 {
            let (count, was) = (Output.count(unseen, "secret"), unseen == 1 ? "was" : "were")
            Output.note(
                "note: \(count) of the folder \(was) not looked at. On the machine that the node runs on, "
                    + "`millwright check --here` says which are missing")
        }
        if report.hasErrors { throw ExitCode(2) }
    }
}

extension CheckFault {
    /// What other programs are told of it.
    var json: JSON {
        [
            "file": .string(file), "line": .int(line), "column": .int(column), "code": .string(code),
            "severity": .string(severity.rawValue), "reason": .string(reason), "suggestion": .string(suggestion),
        ]
    }
}
