import ArgumentParser
import Contracts
import Foundation
import NodeSettings

struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Shows or writes the reference: commands, settings, connectors, canonical events, errors, metrics.",
        discussion: "Without --output the pages go to standard output, as Markdown.")

    @Argument(
        help: """
            The pages to show, such as cli, errors, node, or odoo for both sides of a connector; all where none is \
            named.
            """)
    var names: [String] = []
    @Option(help: "The folder to write all pages to.") var output: String?
    @Flag(help: "Write nothing; say what is stale in the folder of --output, with exit code 1.") var check = false

    func run() throws {
        guard let output else {
            guard !check else {
                throw CommandFailure(description: "say with --output which folder is to be checked", code: 2)
            }
            var text = try chosen().map(\.text).joined(separator: "\n")
            while text.last == "\n" { text.removeLast() }
            return Output.say(text)
        }
        guard names.isEmpty else {
            throw CommandFailure(description: "--output takes all pages: leave the names out", code: 2)
        }
        try write(to: output)
    }

    /// The pages that are named, in the order of the reference.
    private func chosen() throws -> [ReferencePage] {
        let all = ReferencePages.all
        guard !names.isEmpty else { return all }
        for name in names where !all.contains(where: { $0.names.contains(name) }) {
            let known = all.compactMap(\.names.first).sorted()
            let advice = NearestName.of(name, among: known).map { "did you mean \"\($0)\"?" }
            throw CommandFailure(
                description: "there is no page \"\(name)\": "
                    + (advice ?? "choose from \(known.joined(separator: ", "))"), code: 2)
        }
        return all.filter { page in names.contains { page.names.contains($0) } }
    }

    private func write(to output: String) throws {
        var stale: [String] = []
        for page in ReferencePages.all {
            let url = URL(fileURLWithPath: output).appendingPathComponent(page.path)
            let present = try? String(contentsOf: url, encoding: .utf8)
            guard present != page.text else { continue }
            stale.append(page.path)
            if !check {
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(page.text.utf8).write(to: url)
            }
        }
        guard check else {
            return Output.say(stale.isEmpty ? "nothing to do" : "written: \(stale.joined(separator: ", "))")
        }
        if !stale.isEmpty {
            throw CommandFailure(description: "stale: \(stale.joined(separator: ", ")). `make docs` writes them anew")
        }
    }
}
