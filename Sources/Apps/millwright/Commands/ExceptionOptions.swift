import ArgumentParser
import Canonical
import Contracts
import ExactJSON
import Foundation
import Store
import WorldLive

/// Which exceptions are meant.
struct FilterOptions: ParsableArguments {
    @Option(help: "Only those with this cause, as `exceptions groups` names it.") var cause: String?
    @Option(help: "Only those with this code.") var code: String?
    @Option(help: "Only those of this kind.") var kind: ExceptionRecord.Kind?
    @Option(help: "Only those of this flow.") var flow: String?
    @Option(help: "Only those of this target.") var target: String?
    @Option(help: "Only those of this source.") var source: String?
    @Option(help: "Only those of this key.") var key: String?
    @Option(help: "Only those that this person looks after; - for those that nobody does.") var assignee: String?
    @Option(help: "Only those with this text in message, event, key or place.") var text: String?
    @Option(help: "Only those that came up then or later: an instant, or how long ago (8h, 3d).") var since: String?
    @Option(help: "Only those that came up before: an instant, or how long ago.") var until: String?

    /// Throws for what no filter is made of.
    func filter() throws -> ExceptionFilter {
        let now = LiveClock().now()
        let from = try since.map { try TimeOption.instant($0, "--since", now) }
        let end = try until.map { try TimeOption.instant($0, "--until", now) }
        var words: [String: String] = [:]
        for (name, value) in [
            ("cause", cause), ("code", code), ("kind", kind?.rawValue), ("flow", flow), ("target", target),
            ("source", source), ("key", key), ("assignee", assignee), ("text", text), ("since", from?.description),
            ("until", end?.description),
        ] { words[name] = value }
        guard let filter = ExceptionFilter(words: words) else {
            throw CommandFailure(description: "the filter cannot be read: \(ExceptionFilter.shape)", code: 2)
        }
        return filter
    }
}

extension ExceptionRecord.Kind: ExpressibleByArgument {}
extension ExceptionFilter.Progress: ExpressibleByArgument {}

/// What resubmit and discard have in common: single exceptions, or all that a filter lets through.
struct DecisionOptions<Note: NoteWords>: ParsableArguments {
    @Argument(help: "The exceptions' ids.") var ids: [Int64] = []
    @OptionGroup var filter: FilterOptions
    @Flag(help: "All that are open now and that the filter lets through.") var all = false
    @Option(help: "Of those that a filter lets through, none with a higher id: what you have not seen stays.")
    var through: Int64?
    @Option(help: "How many a second at most, where all are meant.") var rate: Int?
    @OptionGroup var request: NotedOptions<Note>

    func carryOut(_ kind: OperatorRequest.Kind, _ options: FolderOptions) async throws {
        let filter = try filter.filter()
        guard ids.isEmpty == (all || !filter.isEverythingOpen) else {
            throw CommandFailure(
                description: ids.isEmpty
                    ? "name exceptions, or give a filter such as --cause, or --all" : "give ids or a filter, not both",
                code: 2)
        }
        guard ids.isEmpty || through == nil else {
            throw CommandFailure(description: "--through belongs to a filter, or to --all", code: 2)
        }
        guard ids.isEmpty else { return try await request.carryOut(ids.map { .init(kind, $0) }, options) }
        if let rate, !(1...ManyOrder.maximumRate).contains(rate) {
            throw CommandFailure(description: "--rate goes from 1 to \(ManyOrder.maximumRate) a second", code: 2)
        }
        let seen = through
        let (last, count) = try options.reader().read { transaction in
            let newest = try transaction.lastExceptionID()
            let last = min(seen ?? newest, newest)
            return (last, try transaction.exceptionCount(filter, through: last))
        }
        guard count > 0 else { return Output.say("no open exception is meant") }
        guard let action = ManyOrder.Action(rawValue: kind.rawValue) else { return }
        let order = ManyOrder(action: action, filter: filter, through: last, rate: rate)
        if !request.json { Output.note("\(Output.count(count, "exception")) to \(kind.rawValue)") }
        try await request.carryOut([.init(.many, 0, order.json)], options)
    }
}

/// What `--note` is to a command.
protocol NoteWords: Sendable {
    static var help: String { get }
}

/// A note that may be left out.
enum FreeNote: NoteWords { static let help = "Why, for the audit trail." }

/// A note that the command asks for.
enum NeededNote: NoteWords { static let help = "Why, for the audit trail; needed." }

/// A note that is what the command writes.
enum CommentNote: NoteWords { static let help = "The text of the comment; needed." }

/// A note of a command that only shows things unless it is told to send.
enum SendingNote: NoteWords { static let help = "Why, for the audit trail; needed with --send." }

/// What every request to a node has in common, with a note that may be left out.
typealias RequestOptions = NotedOptions<FreeNote>

/// What every request to a node has in common; `Note` says what the note is to the command.
struct NotedOptions<Note: NoteWords>: ParsableArguments {
    @Option(help: ArgumentHelp(Note.help)) var note: String?
    @Option(help: "Who decides.") var by = ProcessInfo.processInfo.environment["USER"] ?? "operator"
    @Option(help: "Seconds to wait for the node to carry it out.") var wait = 5
    @Flag(help: "One line of JSON.") var json = false

    /// One thing that is asked of the node.
    struct Wish {
        let kind: OperatorRequest.Kind
        let subject: Int64
        let detail: JSON?

        init(_ kind: OperatorRequest.Kind, _ subject: Int64, _ detail: JSON? = nil) {
            self.kind = kind
            self.subject = subject
            self.detail = detail
        }
    }

    /// Leaves requests and waits for what the node makes of them. Ends with 1 where one was refused.
    func carryOut(_ wishes: [Wish], _ options: FolderOptions) async throws {
        let reader = try options.reader()
        let clock = LiveClock()
        var pending: [(wish: Wish, request: Int64)] = []
        for wish in wishes {
            let request = try reader.request(
                wish.kind, exception: wish.subject, by: by, note: note, detail: wish.detail, now: clock.now())
            pending.append((wish, request))
        }
        let found = try await reader.results(of: pending.map(\.request), clock: clock, seconds: wait)
        let results = pending.map { wish, request in
            (wish: wish, request: request, words: found[request] ?? Self.waiting(wish, request))
        }
        if json {
            Output.json([
                "results": .array(
                    results.map { wish, request, words in
                        [
                            "id": .int(Int(wish.subject)), "request": .int(Int(request)), "result": .string(words),
                        ]
                    })
            ])
        } else {
            for (wish, _, words) in results { Output.say(wish.subject == 0 ? words : "\(wish.subject): \(words)") }
        }
        if found.values.contains(where: { !$0.hasPrefix("ok") }) { throw ExitCode(1) }
    }

    private static func waiting(_ wish: Wish, _ request: Int64) -> String {
        wish.kind == .many || wish.kind == .replay
            ? "noted as request \(request); `millwright exceptions progress \(request)` says how far it is"
            : StoreReader.noted
    }
}
