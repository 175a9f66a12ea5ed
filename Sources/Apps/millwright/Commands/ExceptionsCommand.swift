import ArgumentParser
import Canonical
import Contracts
import Delivery
import ExactJSON
import Foundation
import Store
import WorldLive

struct ExceptionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exceptions", abstract: "Shows what waits for a person, and carries out what the person decided.",
        subcommands: [
            List.self, Groups.self, Show.self, Resubmit.self, Discard.self, Edit.self, Assign.self, Comment.self,
            Progress.self, Stop.self,
        ],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists exceptions, oldest first.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var filter: FilterOptions
        @Option(help: "Whether they wait still.") var state = ExceptionFilter.Progress.open
        @Flag(help: "Also those that are settled: --state all.") var all = false
        @Option(help: "The most to list.") var limit = 100
        @Option(help: "Only those with a higher id.") var after: Int64 = 0
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            var filter = try filter.filter()
            filter.progress = all ? .all : state
            let meant = filter
            let records = try options.reader().read { try $0.exceptions(meant, after: after, limit: limit) }
            if json { return Output.json(["exceptions": .array(records.map(\.json))]) }
            guard !records.isEmpty else { return Output.say(meant.nothing) }
            Output.say(
                Output.table(
                    ["id", "since", "code", "where", "who", "what"],
                    records.map { record in
                        [
                            String(record.id), record.created.description, record.failure.kind.code, record.subject,
                            record.assignee ?? "", record.failure.message,
                        ]
                    }))
            Output.say("\n`millwright exceptions show ID` says what to do about one.")
        }
    }

    struct Groups: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the causes of exceptions, the most frequent first.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var filter: FilterOptions
        @Option(help: "Whether they wait still.") var state = ExceptionFilter.Progress.open
        @Option(help: "The most to list.") var limit = 50
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            var filter = try filter.filter()
            filter.progress = state
            let meant = filter
            let found = try options.reader().read { try $0.exceptionGroups(meant, limit: limit) }
            if json {
                return Output.json(["groups": .array(found.groups.map(\.json)), "count": .int(found.count)])
            }
            guard !found.groups.isEmpty else { return Output.say(meant.nothing) }
            Output.say(
                Output.table(
                    ["cause", "count", "code", "flow", "where", "newest", "what"],
                    found.groups.map { group in
                        [
                            group.cause, String(group.count), group.example.failure.kind.code,
                            group.example.flow?.rawValue ?? "",
                            group.example.target?.rawValue ?? group.example.source ?? "", group.newest.description,
                            ExceptionCause(group.example).pattern,
                        ]
                    }))
            Output.say("\n`millwright exceptions resubmit --cause CAUSE` tries all of one cause again.")
        }
    }

    struct Resubmit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tries again: rejected commands are sent again, failed maps run again, in their key's order.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var decision: DecisionOptions<FreeNote>

        func run() async throws { try await decision.carryOut(.resubmit, options) }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends exceptions without effect; what waits behind them goes on.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var decision: DecisionOptions<NeededNote>

        func run() async throws {
            guard decision.request.note != nil else {
                throw CommandFailure(description: "say why with --note: it is kept in the audit trail", code: 2)
            }
            try await decision.carryOut(.discard, options)
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts an exception right: its command's arguments, or what its event should have said.",
            discussion: """
                Nothing is sent before you resubmit it. JSON is written here, or read from a file as @FILE.
                """)
        @OptionGroup var options: FolderOptions
        @Argument(help: "The exception's id.") var id: Int64
        @Option(help: "The command's arguments, whole: a JSON object.") var arguments: String?
        @Option(help: "For which delivery they are, where the command joins several.") var delivery: Int64?
        @Option(help: "What changes of the event: {\"subject\": …, \"data\": {…}}, a merge patch; it is mapped again.")
        var event: String?
        @Option(help: "An event, whole, in the place of what could not be read.") var document: String?
        @OptionGroup var request: RequestOptions

        func run() async throws {
            let given = [("arguments", arguments), ("event", event), ("document", document)]
                .compactMap { name, text in text.map { (name, $0) } }
            guard let (name, text) = given.first, given.count == 1 else {
                throw CommandFailure(description: "give one of --arguments, --event and --document", code: 2)
            }
            var detail: JSONObject = [name: try Self.json(text)]
            if let delivery { detail["delivery"] = .int(Int(delivery)) }
            guard let edit = ExceptionEdit(json: .object(detail)) else {
                throw CommandFailure(
                    description: name == "event"
                        ? "--event is a JSON object with `subject`, `data` or both" : "--\(name) is a JSON object",
                    code: 2)
            }
            try await request.carryOut([.init(.edit, id, edit.json)], options)
        }

        private static func json(_ text: String) throws -> JSON {
            var bytes = Array(text.utf8)
            if text.hasPrefix("@") {
                guard let data = FileManager.default.contents(atPath: String(text.dropFirst())) else {
                    throw CommandFailure(description: "\(text.dropFirst()) cannot be read", code: 2)
                }
                bytes = Array(data)
            }
            guard bytes.count <= ExceptionEdit.maximumBytes else {
                throw CommandFailure(description: "that is over \(ExceptionEdit.maximumBytes) bytes", code: 2)
            }
            do {
                return try JSONReader.read(bytes)
            } catch {
                throw CommandFailure(description: "that is no JSON: \(error)", code: 2)
            }
        }
    }

    struct Assign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Says who looks after exceptions.")
        @OptionGroup var options: FolderOptions
        @Argument(help: "The exceptions' ids.") var ids: [Int64]
        @Option(help: "Who; without it, nobody.") var to: String?
        @OptionGroup var request: RequestOptions

        func run() async throws {
            let detail: JSON = ["to": to.map { .string($0) } ?? .null]
            try await request.carryOut(ids.map { .init(.assign, $0, detail) }, options)
        }
    }

    struct Comment: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Writes a comment on an exception.")
        @OptionGroup var options: FolderOptions
        @Argument(help: "The exception's id.") var id: Int64
        @OptionGroup var request: NotedOptions<CommentNote>

        func run() async throws {
            guard request.note != nil else {
                throw CommandFailure(description: "give the comment with --note", code: 2)
            }
            try await request.carryOut([.init(.comment, id)], options)
        }
    }

    struct Progress: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Says how far decisions about many are.")
        @OptionGroup var options: FolderOptions
        @Argument(help: "The request's number; without it, all that are under way.") var id: Int64?
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let states = try options.reader().read { transaction in
                try id.map { try [transaction.requestState($0)].compactMap { $0 } }
                    ?? transaction.openManyRequests(limit: 100)
            }
            if json { return Output.json(["requests": .array(states.map(\.json))]) }
            guard !states.isEmpty else { return Output.say("no decision about many is under way") }
            for state in states { Output.say(state.sentence) }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a decision about many where it stands.")
        @OptionGroup var options: FolderOptions
        @Argument(help: "The request's number.") var id: Int64
        @OptionGroup var request: RequestOptions

        func run() async throws { try await request.carryOut([.init(.stop, id)], options) }
    }
}

extension ExceptionFilter {
    /// What is said where it lets nothing through.
    fileprivate var nothing: String {
        isEverythingOpen ? "nothing waits for a person" : "no exception is like that"
    }
}

extension RequestState {
    /// Where it stands, in words.
    var sentence: String {
        if let replayOrder {
            let far = result ?? "\(replay?.seen ?? 0) events looked at"
            return "\(id): replay through \(replayOrder.flow) by \(by) since \(created): \(far)"
        }
        let progress = progress ?? ManyProgress()
        let action = order?.action.rawValue ?? kind
        let far = "\(progress.done + progress.refused) of \(progress.total)"
        return "\(id): \(action) by \(by) since \(created): \(result ?? far)"
    }
}
