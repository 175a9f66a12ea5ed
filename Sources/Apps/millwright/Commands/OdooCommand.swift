import ArgumentParser
import Contracts
import ExactJSON
import Foundation
import NodeSettings
import OdooConnector
import World
import WorldLive

struct OdooCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "odoo", abstract: "Looks at the Odoo behind a target: what is missing, what it has, what it says.",
        subcommands: [
            OdooDoctorCommand.self, OdooOperationsCommand.self, OdooFieldsCommand.self, OdooAskCommand.self,
            OdooRotateKeyCommand.self, OdooSyncCrosswalkCommand.self,
        ])
}

struct OdooDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks each Odoo target end to end and says in plain words what is missing.",
        discussion: "Changes nothing. Exit code 0 where everything that flows use can work, 1 where something cannot.")

    @OptionGroup var options: FolderOptions
    @Option(help: "One target; else all that speak to Odoo.") var target: String?
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        let patients = try Composition.odooTargets(
            try options.load(), target: target, world: World.live(),
            environment: ProcessInfo.processInfo.environment)
        var isIll = false
        var reports: [JSON] = []
        for patient in patients {
            let findings = await patient.doctor.examine(patient.operations)
            isIll = isIll || findings.contains { $0.severity == .fault }
            if json {
                reports.append(["target": .string(patient.name), "findings": .array(findings.map(Self.json))])
            } else {
                Output.say("target \(patient.name)")
                for finding in findings { Output.say(Self.line(finding)) }
            }
        }
        if json { Output.json(["ok": .bool(!isIll), "targets": .array(reports)]) }
        if isIll { throw ExitCode(1) }
    }

    private static func line(_ finding: OdooFinding) -> String {
        let sign = finding.severity == .fine ? "ok" : finding.severity.rawValue
        let mend = finding.mend.map { "\n\(String(repeating: " ", count: 11))→ \($0)" } ?? ""
        return "  \(sign.padding(toLength: 9, withPad: " ", startingAt: 0))\(finding.topic): \(finding.words)\(mend)"
    }

    private static func json(_ finding: OdooFinding) -> JSON {
        [
            "severity": .string(finding.severity.rawValue), "topic": .string(finding.topic),
            "words": .string(finding.words), "mend": finding.mend.map { .string($0) } ?? .null,
        ]
    }
}

struct OdooOperationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations", abstract: "Lists what an Odoo target can do, or one operation with its arguments.")

    @Argument(help: "One operation, such as sale.create.") var name: String?

    func run() throws {
        let operations = OdooSpec.target.operations
        guard let name else {
            let width = operations.map(\.name.count).max() ?? 0
            for operation in operations.sorted(by: { $0.name < $1.name }) {
                let padded = operation.name.padding(toLength: width, withPad: " ", startingAt: 0)
                Output.say("\(padded)  \(operation.summary)")
            }
            return
        }
        guard let operation = operations.first(where: { $0.name == name }) else {
            throw CommandFailure(
                description: "there is no operation \"\(name)\"; `millwright odoo operations` lists them", code: 2)
        }
        Output.say("\(operation.name): \(operation.summary)\n")
        for argument in operation.arguments {
            Output.say("  \(argument.name)\(argument.isRequired ? " (required)" : ""): \(argument.summary)")
        }
        Output.say("\npromise: \(operation.promise)\nneeds: \(operation.needs ?? "")\nexample: \(operation.example)")
    }
}

struct OdooFieldsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fields", abstract: "Lists a model's fields as the target's user sees them, for record.*.")

    @OptionGroup var options: FolderOptions
    @Option(help: "The target; needed where the node has several that speak to Odoo.") var target: String?
    @Argument(help: "The model's technical name, such as res.partner.") var model: String
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        let targets = try Composition.odooTargets(
            try options.load(), target: target, world: World.live(),
            environment: ProcessInfo.processInfo.environment)
        guard let one = targets.first, targets.count == 1 else {
            throw CommandFailure(
                description: "name one target with --target: \(targets.map(\.name).joined(separator: ", "))", code: 2)
        }
        let fields = try await one.fields.fields(of: model)
        if json {
            Output.json(
                .array(
                    fields.map {
                        [
                            "name": .string($0.name), "type": .string($0.type), "label": .string($0.label),
                            "required": .bool($0.isRequired), "readOnly": .bool($0.isReadOnly),
                            "values": .array($0.values.map { .string($0) }),
                        ]
                    }))
            return
        }
        let width = fields.map(\.name.count).max() ?? 0
        for field in fields {
            let notes = [field.isRequired ? "required" : nil, field.isReadOnly ? "read only" : nil].compactMap { $0 }
            let values = field.values.isEmpty ? "" : ": \(field.values.joined(separator: ", "))"
            let extra = notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))"
            let name = field.name.padding(toLength: width, withPad: " ", startingAt: 0)
            Output.say("\(name)  \(field.type)  \(field.label)\(extra)\(values)")
        }
    }
}
