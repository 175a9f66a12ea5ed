import ArgumentParser
import Canonical
import Contracts
import ExactJSON
import Foundation
import Store
import WorldLive

struct ExceptionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exceptions", abstract: "Shows what waits for a person, and carries out what the person decided.",
        subcommands: [List.self, Show.self, Resubmit.self, Discard.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists exceptions, oldest first.")
        @OptionGroup var options: FolderOptions
        @Flag(help: "Also those that are settled.") var all = false
        @Option(help: "The most to list.") var limit = 100
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let records = try options.reader().read { try $0.exceptions(openOnly: !all, limit: limit) }
            if json { return Output.json(["exceptions": .array(records.map(\.json))]) }
            guard !records.isEmpty else { return Output.say("nothing waits for a person") }
            Output.say(
                Output.table(
                    ["id", "since", "code", "where", "what"],
                    records.map { record in
                        [
                            String(record.id), record.created.description, record.failure.kind.code,
                            record.key?.rawValue ?? record.origin ?? record.source ?? "", record.failure.message,
                        ]
                    }))
            Output.say("\n`millwright exceptions show ID` says what to do about one.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one exception with everything that is known of it.")
        @OptionGroup var options: FolderOptions
        @Argument(help: "The exception's id.") var id: Int64
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let (record, waiting) = try options.reader().read { (try $0.exception(id), try $0.waitingBehind(id)) }
            guard let record else { throw CommandFailure(description: "there is no exception \(id)") }
            if json {
                var value = record.json
                value["waitingBehind"] = .int(waiting)
                return Output.json(value)
            }
            Output.say("\(record.failure.kind.code)  \(record.failure.message)")
            Output.say("what to do: \(record.failure.suggestion)\n")
            for (label, text) in record.facts(waiting: waiting) { Output.say("\(label): \(text)") }
            if let arguments = record.arguments { Output.say("\ncommand:\n  \(arguments)") }
            Output.say("\noriginal:\n  \(String(decoding: record.original, as: UTF8.self))")
        }
    }

    struct Resubmit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tries again: rejected commands are sent again, failed maps run again, in their key's order.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var request: RequestOptions

        func run() async throws { try await request.carryOut(.resubmit, options) }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends exceptions without effect; what waits behind them goes on.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var request: RequestOptions

        func run() async throws {
            guard request.note != nil else {
                throw CommandFailure(description: "say why with --note: it is kept in the audit trail", code: 2)
            }
            try await request.carryOut(.discard, options)
        }
    }
}

/// What resubmit and discard have in common.
struct RequestOptions: ParsableArguments {
    @Argument(help: "The exceptions' ids.") var ids: [Int64]
    @Option(help: "Why, for the audit trail; needed to discard.") var note: String?
    @Option(help: "Who decides.") var by = ProcessInfo.processInfo.environment["USER"] ?? "operator"
    @Option(help: "Seconds to wait for the node to carry it out.") var wait = 5
    @Flag(help: "One line of JSON.") var json = false

    func carryOut(_ kind: OperatorRequest.Kind, _ options: FolderOptions) async throws {
        let reader = try options.reader()
        let clock = LiveClock()
        var pending: [(id: Int64, request: Int64)] = []
        for id in ids {
            pending.append((id, try reader.request(kind, exception: id, by: by, note: note, now: clock.now())))
        }
        let found = try await reader.results(of: pending.map(\.request), clock: clock, seconds: wait)
        let results = pending.map { (id: $0.id, words: found[$0.request] ?? StoreReader.noted) }
        if json {
            Output.json([
                "results": .array(results.map { ["id": .int(Int($0.id)), "result": .string($0.words)] })
            ])
        } else {
            for result in results { Output.say("\(result.id): \(result.words)") }
        }
        if found.values.contains(where: { !$0.hasPrefix("ok") }) { throw ExitCode(1) }
    }
}

extension ExceptionRecord {
    /// What the command line and other programs are told of it.
    var json: JSON {
        [
            "id": .int(Int(id)), "kind": .string(kind.rawValue), "created": .string(created.description),
            "code": .string(failure.kind.code), "message": .string(failure.message),
            "suggestion": .string(failure.suggestion), "source": source.map { .string($0) } ?? .null,
            "flow": flow.map { .string($0.rawValue) } ?? .null, "target": target.map { .string($0.rawValue) } ?? .null,
            "key": key.map { .string($0.rawValue) } ?? .null, "event": eventID.map { .string($0) } ?? .null,
            "origin": origin.map { .string($0) } ?? .null, "arguments": arguments ?? .null,
            "original": .string(String(decoding: original, as: UTF8.self)), "state": .int(state.rawValue),
            "settledBy": settledBy.map { .string($0) } ?? .null, "note": note.map { .string($0) } ?? .null,
        ]
    }

    func facts(waiting: Int) -> [(String, String)] {
        var facts = [("since", created.description), ("kind", kind.rawValue)]
        if let source { facts.append(("source", source)) }
        if let origin { facts.append(("read at", origin)) }
        if let eventID { facts.append(("event", eventID)) }
        if let flow { facts.append(("flow", flow.rawValue)) }
        if let target { facts.append(("target", target.rawValue)) }
        if let key { facts.append(("key", key.rawValue)) }
        if waiting > 0 { facts.append(("waiting behind it", "\(waiting) deliveries")) }
        if let detail = failure.detail { facts.append(("detail", detail)) }
        if let settled { facts.append(("settled", "\(settled) by \(settledBy ?? "?")\(note.map { ": \($0)" } ?? "")")) }
        return facts
    }
}
