import ArgumentParser

/// The one binary: edge gateway, hub, or both.
@main
struct Millwright: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millwright",
        abstract: "Connects machines, plants and partner systems to Odoo: every fact durable, posted once in effect.",
        discussion: """
            Exit codes: 0 done; 1 it did not work, and standard error says why; 2 the settings or the arguments have \
            faults; 64 the command was not understood. With --json, one line of JSON is the last on standard output; \
            logs go to standard error.
            """,
        version: Version.text,
        subcommands: [
            InitCommand.self, CheckCommand.self, TestCommand.self, TapCommand.self, RunCommand.self, DemoCommand.self,
            StatusCommand.self, TraceCommand.self, FlowsCommand.self, TargetsCommand.self, ShadowCommand.self,
            ReplayCommand.self,
            ExceptionsCommand.self, VersionsCommand.self, ReconcileCommand.self, OdooCommand.self, StoreCommand.self,
            KeygenCommand.self,
            EnrolCommand.self,
            SimulateCommand.self,
            ChaosCommand.self,
            BenchCommand.self, DocsCommand.self, VersionCommand.self, StandInCommand.self, RelayCommand.self,
        ])

    /// Runs the command of the arguments, and ends with the exit code that the help documents.
    static func main() async {
        StandardStream.outliveReaders()
        do {
            var command = try parseAsRoot()
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
            Output.end()
        } catch {
            Output.end(with: error)
        }
    }
}

/// What this program calls itself.
enum Version {
    static let text = "0.1.0"
}
