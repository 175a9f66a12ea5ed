import ArgumentParser
import Canonical
import Contracts
import Delivery
import ExactJSON
import Foundation
import NodeSettings
import Store
import World
import WorldLive

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compares what was posted with what the target shows, and posts again what a restored target forgot.",
        discussion: """
            Without --post it changes nothing: it lists what was accepted since --since and is not at the target \
            any more. Keep the list (--json > FILE), look at it, then post it: --post --list FILE --note WHY. \
            What is posted is what was listed and is still missing at that moment; the node does it, in order per \
            key, under the same keys.

            Where the node went on after the target came back, say with --until when that was. \
            Exit code 0 where nothing is missing or all of it was posted again, 1 otherwise.
            """)

    @OptionGroup var options: FolderOptions
    @Option(help: "The target; needed where the node has several that can be compared.") var target: String?
    @Option(help: "From when on: an instant, or how long ago (26h, 3d). A little before the backup was made.")
    var since: String?
    @Option(help: "When the target came back from its backup: an instant, or how long ago.") var until: String?
    @Flag(help: "Posts again what is absent of the list.") var post = false
    @Option(help: "The list that was seen: the file, or its digest (then with the same --since and --until).")
    var list: String?
    @Option(help: "Commands of the list to leave out, with commas; what hangs together with them is left out too.")
    var except: String?
    @Option(help: "Why, for the audit trail; needed to post.") var note: String?
    @Option(help: "Who decides.") var by = ProcessInfo.processInfo.environment["USER"] ?? "operator"
    @Option(help: "Seconds to wait for the node to carry it out.") var wait = 60
    @Option(help: "The most commands to print.") var limit = 200
    @Flag(help: "One line of JSON.") var json = false

    func validate() throws {
        if post {
            guard list != nil else { throw ValidationError("--post wants --list: what was seen is what is posted") }
            guard note != nil else { throw ValidationError("say why with --note: it is kept in the audit trail") }
        } else if since == nil {
            throw ValidationError("--since is missing: a little before the target's backup was made")
        }
    }

    func run() async throws {
        let folder = try options.load()
        let world = World.live()
        let seen = post ? try list.flatMap { try SeenList(file: $0) } : nil
        let reconcilable = try Composition.reconcilable(
            folder, target: target ?? seen?.target.rawValue, world: world,
            environment: ProcessInfo.processInfo.environment)
        let reader = try options.reader(of: folder)
        let name = reconcilable.name
        let span = try seen?.span ?? span(now: world.clock.now())
        let pages = Reconciler.Pages(
            done: { mark, limit in try reader.read { try $0.doneCommands(name, after: mark, limit: limit) } },
            ledger: { keys in try reader.read { try $0.ledger(name, keys) } })
        let found = try await Reconciler(target: reconcilable, pages: pages).list(span)
        await reconcilable.close()
        let epoch = try reader.read { try $0.epoch() }
        let report = ReconciliationReport(list: found, epoch: epoch)
        guard post else {
            if json { Output.json(report.json) } else { Output.say(report.printed(limit: limit)) }
            if !found.items.isEmpty { throw ExitCode(1) }
            return
        }
        let posting = RepostRun(
            seen: try seen ?? SeenList(digest: list ?? "", of: report), report: report, target: reconcilable,
            except: try excepted())
        try await posting.run(reader, clock: LiveClock(), by: by, note: note ?? "", wait: wait, json: json)
    }

    private func excepted() throws -> Set<Int64> {
        Set(
            try (except ?? "").split(separator: ",").map { text in
                guard let id = Int64(text.trimmingCharacters(in: .whitespaces)) else {
                    throw CommandFailure(description: "--except wants commands' numbers with commas", code: 2)
                }
                return id
            })
    }

    private func span(now: Instant) throws -> Reconciler.Span {
        guard let since else {
            throw CommandFailure(description: "a digest says not which time it is of: give --since as before", code: 2)
        }
        let from = try TimeOption.instant(since, "--since", now)
        let end = try until.map { try TimeOption.instant($0, "--until", now) }
        guard from < end ?? now else {
            throw CommandFailure(description: "--since \(from) is not before \(end ?? now)", code: 2)
        }
        return Reconciler.Span(since: from, until: end ?? now, endsAtRestore: end != nil)
    }
}

/// The list that a person has seen.
struct SeenList {
    let digest: String
    let target: TargetName
    let epoch: String
    let span: Reconciler.Span
    /// Absent commands.
    let commands: Set<Int64>
    /// What was to be added to each value, by its name in the list.
    let missing: [String: String]

    private static let maximumBytes = 256 << 20

    /// Reads a list of `--json`; nil where `text` names no file but a digest.
    init?(file text: String) throws {
        guard FileManager.default.fileExists(atPath: text) else {
            let isDigest = text.count >= 12 && text.allSatisfy { $0.isHexDigit && !$0.isUppercase }
            guard isDigest else { throw CommandFailure(description: "there is no file \(text)", code: 2) }
            return nil
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: text))
        guard data.count <= Self.maximumBytes, let json = try? JSONReader.read([UInt8](data)),
            let list = ReconciliationReport.seen(json)
        else {
            throw CommandFailure(
                description: "\(text) is no list of `millwright reconcile --json`, or was changed since", code: 2)
        }
        self = list
    }

    init(
        digest: String, target: TargetName, epoch: String, span: Reconciler.Span, commands: Set<Int64>,
        missing: [String: String]
    ) {
        self.digest = digest
        self.target = target
        self.epoch = epoch
        self.span = span
        self.commands = commands
        self.missing = missing
    }

    /// The list of now, where it is the one that `digest` (or its beginning) names.
    init(digest: String, of report: ReconciliationReport) throws {
        guard report.digest.hasPrefix(digest), let list = ReconciliationReport.seen(report.json) else {
            throw CommandFailure(
                description: "the list is another one now (\(report.digest.prefix(12))): look at it, then post that one"
            )
        }
        self = list
    }
}
