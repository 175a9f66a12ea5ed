import Canonical
import Contracts
import ExactJSON
import Store
import Synchronization
import World

/// One fact of a simulated machine: so many pieces for an order.
struct MachineFact: Sendable, Hashable {
    let number: Int
    let order: String
    let quantity: Int

    /// Names the fact, ascending.
    var id: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}

/// What a machine has made and not yet got rid of. It stands beside the edge: a crash of the edge does not touch it.
final class MachineMemory: Sendable {
    private struct State {
        var made: [MachineFact] = []
        var acknowledged = 0
    }
    private let state = Mutex(State())
    /// Rings when something was made, so that waiting costs no steps.
    let bell = Bell()

    /// Everything made so far.
    var made: [MachineFact] { state.withLock { $0.made } }

    func make(order: String, quantity: Int) {
        state.withLock { $0.made.append(MachineFact(number: $0.made.count + 1, order: order, quantity: quantity)) }
        bell.ring()
    }

    /// Facts behind `number`, at most `limit`.
    func facts(after number: Int, limit: Int) -> [MachineFact] {
        state.withLock { Array($0.made.dropFirst(number).prefix(limit)) }
    }

    /// What was acknowledged is forgotten: it can never be asked for again.
    var acknowledged: Int { state.withLock { $0.acknowledged } }
    func acknowledge(through number: Int) { state.withLock { $0.acknowledged = max($0.acknowledged, number) } }
}

/// A machine that hands over and forgets as soon as it is told that its facts are stored, as an HTTP client does.
struct PushingSource: Source {
    let name: SourceName
    let asset: String
    let memory: MachineMemory
    let world: World

    func run(_ intake: any Intake) async throws {
        while !Task.isCancelled {
            let rings = memory.bell.rings
            let facts = memory.facts(after: memory.acknowledged, limit: 5)
            guard let last = facts.last else {
                await memory.bell.wait(beyond: rings)
                continue
            }
            let documents = facts.map { EventDocument($0.event(asset: asset)) }
            _ = try await intake.submit(SourceBatch(source: name, documents: documents))
            memory.acknowledge(through: last.number)
        }
    }
}

/// A machine whose file can be read again: the source's own position says how far it is.
struct FollowingSource: Source {
    let name: SourceName
    let asset: String
    let memory: MachineMemory
    let world: World

    func run(_ intake: any Intake) async throws {
        var position = try await intake.position(name, "file")?.int ?? 0
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
            let positions = [SourcePosition(name: "file", value: .int(last.number))]
            _ = try await intake.submit(SourceBatch(source: name, readings: readings, positions: positions))
            position = last.number
        }
    }

    /// The signal that reads ``FollowingSource``'s records.
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

extension MachineFact {
    /// When it happened, by the machine's own clock.
    var time: Instant { Instant(microseconds: 1_772_000_000_000_000 + Int64(number) * 1_000_000) }

    func event(asset: String) -> Event {
        Event(
            id: id, source: "/sim/\(asset)", type: "millwright.production.completed.v1", subject: order, time: time,
            attributes: ["plant": "sim"],
            data: [
                "order": .string(order), "asset": .string(asset), "quantity": ["value": .int(quantity), "unit": "pcs"],
            ])
    }
}
