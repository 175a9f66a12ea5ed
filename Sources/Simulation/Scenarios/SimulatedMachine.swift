import Canonical
import Contracts
import ExactJSON
import World

extension PlantScenario.Machine {
    /// Its name in the plant, and so the last part of its events' source.
    var asset: String {
        switch self {
        case .pushing: PushingSource.asset
        case .following: "saw"
        case .logging: "lathe"
        case .counting: CountingSource.asset
        }
    }

    /// The source of its events.
    var source: String { "/sim/\(asset)" }

    /// The lane that the edge keeps its facts in.
    var lane: Lane { self == .pushing ? .critical : .normal }

    /// The id of the event of a fact; nil where nothing but the edge gives one.
    func eventID(_ fact: MachineFact) -> String? {
        switch self {
        case .pushing: fact.id
        case .following, .logging: FollowingSource.eventID(fact)
        case .counting: nil
        }
    }
}

/// A machine that hands over and forgets as soon as it is told that its facts are stored, as an HTTP client does.
struct PushingSource: Source {
    let name: SourceName
    let memory: MachineMemory

    /// Its asset, and so the last part of its events' source.
    static let asset = "press"

    func run(_ intake: any Intake) async throws {
        while !Task.isCancelled {
            let rings = memory.bell.rings
            if let fact = memory.takeRepeat() {
                _ = try await intake.submit(
                    SourceBatch(source: name, documents: [EventDocument(fact.event(asset: Self.asset))]))
            }
            let facts = memory.facts(after: memory.acknowledged, limit: 5)
            guard let last = facts.last else {
                await memory.bell.wait(beyond: rings)
                continue
            }
            let documents = facts.map { EventDocument($0.event(asset: Self.asset)) }
            _ = try await intake.submit(SourceBatch(source: name, documents: documents))
            memory.acknowledge(through: last.number)
        }
    }
}

/// A machine whose file can be read again: the source's own position says how far it is.
struct FollowingSource: Source {
    let name: SourceName
    let memory: MachineMemory
    let asset: String

    /// The name of its position.
    static let position = "file"

    func run(_ intake: any Intake) async throws {
        var position = try await intake.position(name, Self.position)?.int ?? 0
        while !Task.isCancelled {
            let rings = memory.bell.rings
            let facts = memory.facts(after: position, limit: 7)
            guard let last = facts.last else {
                await memory.bell.wait(beyond: rings)
                continue
            }
            let readings = facts.map { fact in
                Reading(
                    asset: AssetID(asset), name: "Done",
                    value: .record(["Order": .string(fact.order), "Pieces": .string(String(fact.quantity))]),
                    time: fact.time, factID: fact.id, origin: Origin("machine", line: fact.number))
            }
            let positions = [SourcePosition(name: Self.position, value: .int(last.number))]
            _ = try await intake.submit(SourceBatch(source: name, readings: readings, positions: positions))
            position = last.number
        }
    }

    /// The id that its signal gives to the event of a fact.
    static func eventID(_ fact: MachineFact) -> String { "\(fact.id):done" }

    /// The signal that reads its records.
    static let signal = Settings(
        values: [
            "role": .text("count"), "name": .text("done"), "on": .list([.text("Done")]),
            "event": .text("production.completed"), "subject": .list([.text("Order")]),
            "quantity": .object(
                Settings(
                    values: [
                        "field": .text("Pieces"), "counts": .text("run"), "unit": .text("pcs"),
                        "multiplier": .number(ExactNumber(1)),
                    ], location: location)),
        ], location: location)
    private static let location = SettingLocation(file: "simulation", line: 1, column: 1)
}

/// A machine that has nothing but a counter: it is looked at when it changes, and what lies between is the signal's
/// stored baseline to know.
struct CountingSource: Source {
    let name: SourceName
    let memory: MachineMemory
    let world: World

    static let asset = "mill"
    /// The order that it counts for.
    static let order = "SIM-COUNT"
    /// Where the store keeps the signal's baseline.
    static let stateKey = "counting|counter/mill/made"

    func run(_ intake: any Intake) async throws {
        while !Task.isCancelled {
            let rings = memory.bell.rings
            let reading = Reading(
                asset: AssetID(Self.asset), name: "parts", value: .value(.int(memory.total)), time: world.clock.now(),
                origin: Origin("machine"))
            _ = try await intake.submit(SourceBatch(source: name, readings: [reading]))
            await memory.bell.wait(beyond: rings)
        }
    }

    /// The signal that reads its counter; the machine was installed with the counter at 0.
    static let signal = Settings(
        values: [
            "role": .text("counter"), "name": .text("made"), "tag": .text("parts"), "unit": .text("pcs"),
            "event": .text("production.completed"), "baseline": .text("count"),
            "with": .map([(key: "order", value: .text(order))]),
        ], location: location)
    private static let location = SettingLocation(file: "simulation", line: 1, column: 1)
}
