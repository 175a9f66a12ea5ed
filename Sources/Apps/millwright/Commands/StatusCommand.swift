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
                targets: try folder.targets.map { target in
                    let behind = try Lane.allCases.map { lane in
                        Int(try transaction.lastNumber(lane) - transaction.cursor(target.name, lane))
                    }.reduce(0, +)
                    return (target.name, behind, try transaction.deliveryCounts(target.name))
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
                    facts.targets.map { name, behind, counts in
                        [
                            "target": .string(name.rawValue), "behind": .int(behind),
                            "pending": .int((counts[.pending] ?? 0) + (counts[.taken] ?? 0)),
                            "blocked": .int(counts[.blocked] ?? 0), "accepted": .int(counts[.accepted] ?? 0),
                            "rejected": .int(counts[.rejected] ?? 0),
                            "quietUntil": Self.time(quiet[name]),
                        ]
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
        Output.say(
            Output.table(
                ["target", "not yet read", "in work", "blocked", "accepted", "rejected"],
                facts.targets.map { name, behind, counts in
                    [
                        name.rawValue, "\(behind)", "\((counts[.pending] ?? 0) + (counts[.taken] ?? 0))",
                        "\(counts[.blocked] ?? 0)", "\(counts[.accepted] ?? 0)", "\(counts[.rejected] ?? 0)",
                    ]
                }))
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

    private static func time(_ instant: Instant?) -> JSON { instant.map { .string($0.description) } ?? .null }
}
