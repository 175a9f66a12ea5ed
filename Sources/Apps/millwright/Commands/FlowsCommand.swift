import ArgumentParser
import Canonical
import Console
import Contracts
import Delivery
import ExactJSON
import NodeSettings
import Store
import WorldLive

struct FlowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flows", abstract: "Says how each flow stands, and pauses flows or lets them go on.",
        subcommands: [List.self, Pause.self, Resume.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the flows with what waits and what was done in the last hour.")
        @OptionGroup var options: FolderOptions
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let facts = try StandingFacts(options)
            if json { return Output.json(["flows": .array(facts.flows.map(\.json))]) }
            guard !facts.flows.isEmpty else { return Output.say("the folder has no flow") }
            Output.say(
                Output.table(
                    ["flow", "target", "state", "waiting", "blocked", "accepted", "exceptions", "p50", "p99"],
                    facts.flows.map(\.row)))
            facts.sayPauses()
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pauses flows: what comes for them is mapped and waits, over restarts too.",
            discussion: """
                What is under way is brought to its end. Order per key is kept: what other flows want of the same key \
                waits behind what is paused.
                """)
        @OptionGroup var options: FolderOptions
        @OptionGroup var pause: PauseOptions

        func run() async throws { try await pause.carryOut(.pause, options) { .flow(FlowName($0)) } }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets flows go on with what waits.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var pause: PauseOptions

        func run() async throws { try await pause.carryOut(.resume, options) { .flow(FlowName($0)) } }
    }
}

struct TargetsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets", abstract: "Says how each target stands, and pauses targets or lets them go on.",
        subcommands: [List.self, Pause.self, Resume.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the targets with what waits and what was done in the last hour.")
        @OptionGroup var options: FolderOptions
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let facts = try StandingFacts(options)
            if json { return Output.json(["targets": .array(facts.targets.map(\.json))]) }
            guard !facts.targets.isEmpty else { return Output.say("the folder has no target") }
            Output.say(
                Output.table(
                    ["target", "protocol", "state", "waiting", "blocked", "accepted", "exceptions", "p50", "p99"],
                    facts.targets.map(\.row)))
            facts.sayPauses()
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pauses targets: what is under way is brought to its end, and nothing new is begun.",
            discussion: "What comes meanwhile waits, over restarts too. Questions to the target are still answered.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var pause: PauseOptions

        func run() async throws { try await pause.carryOut(.pause, options) { .target(TargetName($0)) } }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets targets go on with what waits.")
        @OptionGroup var options: FolderOptions
        @OptionGroup var pause: PauseOptions

        func run() async throws { try await pause.carryOut(.resume, options) { .target(TargetName($0)) } }
    }
}

/// What pausing and resuming have in common.
struct PauseOptions: ParsableArguments {
    @Argument(help: "Names.") var names: [String]
    @OptionGroup var request: RequestOptions

    func carryOut(
        _ kind: OperatorRequest.Kind, _ options: FolderOptions, _ subject: (String) -> PauseSubject
    ) async throws {
        try await request.carryOut(names.map { .init(kind, 0, subject($0).json) }, options)
    }
}

/// How flows and targets stand, from the store of a node that may run or not.
private struct StandingFacts {
    struct Line {
        let name: String
        let lead: [(name: String, text: String)]
        let state: String
        let facts: FlowFacts
        let pause: Pause?
        /// Events that were handed on as they are; nil where flows make deliveries.
        var forwarded: Int?

        var row: [String] {
            guard forwarded == nil else {
                // What else there is to say is of deliveries.
                return [name] + lead.map(\.text) + [state, String(facts.waiting)] + Array(repeating: "-", count: 5)
            }
            return [name] + lead.map(\.text) + [state]
                + [facts.waiting + facts.underWay, facts.blocked].map(String.init)
                + ["\(facts.accepted + facts.shadowed)", "\(facts.exceptions)"]
                + [0.5, 0.99].map { facts.latency($0)?.short ?? "" }
        }

        var json: JSON {
            var json: JSONObject = [
                "name": .string(name), "state": .string(state), "waiting": .int(facts.waiting),
                "underWay": .int(facts.underWay), "blocked": .int(facts.blocked), "accepted": .int(facts.accepted),
                "shadowed": .int(facts.shadowed), "rejected": .int(facts.rejected),
                "exceptions": .int(facts.exceptions), "paused": pause?.json ?? .null,
            ]
            for (name, text) in lead { json[name] = .string(text) }
            if let forwarded { json["forwarded"] = .int(forwarded) }
            return .object(json)
        }
    }

    let flows: [Line]
    let targets: [Line]
    private let pauses: [Pause]

    init(_ options: FolderOptions) throws {
        let folder = try options.load()
        let span = FactSpan(upTo: LiveClock().now(), stretch: .seconds(300), stretches: 12)
        let names = folder.targets.map(\.name)
        let streamNames = folder.targets.filter { PartsBuilder.streamProtocols.contains($0.protocolName) }.map(\.name)
        let (pauses, found, streams) = try options.reader(of: folder).read { transaction in
            (
                try transaction.pauses(), try names.map { ($0, try transaction.flowFacts($0, span)) },
                try streamNames.map { name in
                    (
                        name, waiting: try transaction.unforwarded(name),
                        forwarded: try transaction.forwarded(name)
                    )
                }
            )
        }
        let facts = Dictionary(found, uniquingKeysWith: { first, _ in first })
        func pause(_ subject: PauseSubject) -> Pause? { pauses.first { $0.subject == subject } }
        self.pauses = pauses
        flows = folder.flows.map { flow in
            let isPaused = pause(.flow(flow.name)) != nil || pause(.target(flow.target)) != nil
            return Line(
                name: flow.name.rawValue, lead: [("target", flow.target.rawValue)],
                state: isPaused ? "paused" : folder.isShadow(flow) ? "shadow" : "on",
                facts: facts[flow.target]?[flow.name] ?? FlowFacts(), pause: pause(.flow(flow.name)))
        }
        targets = folder.targets.map { target in
            var sum = (facts[target.name] ?? [:]).values.reduce(into: FlowFacts()) { $0.add($1) }
            let stream = streams.first { $0.0 == target.name }
            if let stream { sum.waiting = stream.waiting }
            return Line(
                name: target.name.rawValue, lead: [("protocol", target.protocolName)],
                state: pause(.target(target.name)) != nil ? "paused" : target.shadow ? "shadow" : "on",
                facts: sum, pause: pause(.target(target.name)), forwarded: stream?.forwarded)
        }
    }

    func sayPauses() {
        for pause in pauses {
            let reason = pause.note.map { ": \($0)" } ?? ""
            Output.say(
                "\n\(pause.subject.kind) \(pause.subject.name) is paused since \(pause.since) by \(pause.by)\(reason)")
        }
    }
}
