import ArgumentParser
import Canonical
import ExactJSON
import Store
import World
import WorldLive

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Says how a node stands, from its store: what is stored, what waits, what needs a person.")

    @OptionGroup var options: FolderOptions
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        let folder = try options.load()
        let reader = try options.reader(of: folder)
        let facts = try reader.read { transaction in
            (
                stored: try transaction.storedCount(), exceptions: try transaction.openExceptionCount(),
                causes: try transaction.exceptionGroups(ExceptionFilter(), limit: 20).groups,
                streams: try transaction.streams(),
                targets: try folder.targets.map { target -> Standing in
                    let behind = try Lane.allCases.map { lane in
                        Int(try transaction.lastNumber(lane) - transaction.cursor(target.name, lane))
                    }.reduce(0, +)
                    let isStream = PartsBuilder.streamProtocols.contains(target.protocolName)
                    return Standing(
                        name: target.name, behind: behind, counts: try transaction.deliveryCounts(target.name),
                        forwarded: isStream ? try transaction.forwarded(target.name) : nil)
                }
            )
        }
        let now = World.live().clock.now()
        var quiet: [TargetName: Instant] = [:]
        for section in folder.targets {
            quiet[section.name] = Composition.quiet(section, in: folder)?.state(at: now).end
        }
        if json {
            return Output.json([
                "node": .string(folder.node.node.rawValue), "stored": .int(facts.stored),
                "exceptions": .int(facts.exceptions),
                "targets": .array(
                    facts.targets.map { target in
                        var json = Self.json(target)
                        json["quietUntil"] = Self.time(quiet[target.name])
                        return .object(json)
                    }),
                "edges": .array(
                    facts.streams.map {
                        [
                            "node": .string($0.node.rawValue), "lane": .string($0.lane.name),
                            "position": .int(Int($0.position)), "updated": .string($0.updated.description),
                        ]
                    }),
            ])
        }
        Output.say(
            "node \(folder.node.node): \(Output.count(facts.stored, "event")) stored; waiting for a person: \(Output.count(facts.exceptions, "exception"))\n"
        )
        Output.say(Self.table(facts.targets))
        for section in folder.targets {
            if let end = quiet[section.name] { Output.say("target \(section.name): quiet hours until \(end)") }
        }
        if !facts.streams.isEmpty {
            Output.say("")
            Output.say(
                Output.table(
                    ["edge", "lane", "stored up to", "at"],
                    facts.streams.map { [$0.node.rawValue, $0.lane.name, "\($0.position)", $0.updated.description] }))
        }
        for group in facts.causes {
            Output.say("\n\(group.count) × \(group.example.failure.kind.code) \(group.example.failure.message)")
        }
    }

    private struct Standing {
        let name: TargetName
        let behind: Int
        let counts: [DeliveryState: Int]
        /// Events that a stream has handed on; nil where flows make deliveries.
        let forwarded: Int?

        func count(_ states: DeliveryState...) -> Int { states.reduce(0) { $0 + (counts[$1] ?? 0) } }
    }

    private static func json(_ target: Standing) -> JSONObject {
        [
            "target": .string(target.name.rawValue), "behind": .int(target.behind),
            "forwarded": target.forwarded.map { .int($0) } ?? .null, "pending": .int(target.count(.pending, .taken)),
            "blocked": .int(target.count(.blocked)), "accepted": .int(target.count(.accepted)),
            "rejected": .int(target.count(.rejected)),
        ]
    }

    /// What else there is to say of a stream is of deliveries, and it has none.
    private static func table(_ targets: [Standing]) -> String {
        Output.table(
            ["target", "not yet read", "in work", "blocked", "accepted", "rejected", "forwarded"],
            targets.map { target in
                let lead = [target.name.rawValue, "\(target.behind)"]
                if let forwarded = target.forwarded { return lead + ["-", "-", "-", "-", "\(forwarded)"] }
                let counts = [
                    target.count(.pending, .taken), target.count(.blocked), target.count(.accepted),
                    target.count(.rejected),
                ]
                return lead + counts.map(String.init) + ["-"]
            })
    }

    private static func time(_ instant: Instant?) -> JSON { instant.map { .string($0.description) } ?? .null }
}
