import Canonical
import Contracts
import ExactJSON
import Synchronization
import World

@testable import OdooConnector

/// A clock that lets a source sleep so many times and then ends it.
final class CountingClock: WorldClock {
    private let time = TestClock()
    private let left: LockedBox<Int>

    init(sleeps: Int) { left = LockedBox(sleeps) }

    func now() -> Instant { time.now() }
    func uptime() -> Duration { time.uptime() }
    func sleep(for duration: Duration) async throws {
        guard left.value > 0 else { throw CancellationError() }
        left.update { $0 -= 1 }
        time.advance(duration)
    }
}

/// An intake as the node's: a batch is stored whole or not at all, and what is stored is known by its id.
actor TestIntake: Intake {
    enum Fault: Sendable {
        /// The node dies before the batch is stored.
        case diesBefore
        /// The node dies after the batch was stored, before the source hears of it.
        case diesAfter
        /// The batch is not stored, and the source may try again.
        case refuses
        /// The batch is stored, and the source hears the contrary.
        case forgetsAnswer
    }

    private(set) var events: [Event] = []
    private(set) var repeated = 0
    private(set) var batches = 0
    private var ids: Set<String> = []
    private var positions: [String: JSON] = [:]
    private var faults: [Int: Fault] = [:]

    /// Lets the next batch meet `fault`.
    func arm(_ fault: Fault) { faults[batches + 1] = fault }

    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        batches += 1
        let fault = faults[batches]
        if fault == .diesBefore { throw CancellationError() }
        if fault == .refuses { throw Failure(OdooFailures.unreachable, "the store is full") }
        for document in batch.documents {
            guard ids.insert(document.envelope.source + document.envelope.id).inserted else {
                repeated += 1
                continue
            }
            events.append(try Event(document: JSONReader.read(document.bytes)))
        }
        for position in batch.positions {
            positions[position.name] = position.value.isNull ? nil : try JSONReader.read(position.value.description)
        }
        if fault == .diesAfter { throw CancellationError() }
        if fault == .forgetsAnswer { throw Failure(OdooFailures.unreachable, "no answer") }
        return IntakeReceipt()
    }

    func position(_ source: SourceName, _ name: String) async throws -> JSON? { positions[name] }

    /// The events about records of these models, in order.
    func about(_ id: Int, _ model: String) -> [Event] {
        events.filter { $0.data["native"]?["model"]?.string == model && $0.data["native"]?["id"]?.int == id }
    }

    func facts(_ id: Int, _ model: String) -> [String] { about(id, model).map(\.fact) }
    var missed: Int { events.count { $0.type.contains("data-missed") } }
}

extension Event {
    /// `production-order.released`
    var fact: String { type.split(separator: ".").dropFirst().dropLast().joined(separator: ".") }
}

/// A source that starts anew as often as a test likes, with what is stored of it.
struct ChangesDesk: Sendable {
    let peer: Peer
    let name: String
    let intake = TestIntake()
    var options = ChangesOptions()
    private let address: OdooAddress

    /// `address`: who reads; else the peer's user.
    init(_ peer: Peer, _ test: String, address: OdooAddress? = nil) {
        self.peer = peer
        self.address = address ?? peer.user
        name = "\(test)-\(peer.run)"
        options.gateway = peer.hasGateway ? .required : .off
    }

    /// Lets the source work until it has slept so many times; answers with its trouble. One look is not enough at a real
    /// server where others read as well: whoever finds another reader giving places takes what has one already.
    @discardableResult
    func work(sleeps: Int = Peer.live.isEmpty ? 0 : 2, through network: (any Network)? = nil) async -> Failure? {
        let source = OdooChangesSource(
            name: "changes", address: address, options: options, plant: "lyon", node: NodeID(name),
            world: .test(network ?? peer.network, clock: CountingClock(sleeps: sleeps)))
        do {
            try await source.run(intake)
        } catch {}
        return source.trouble
    }

    /// Takes the reader away that Odoo keeps for this source.
    func close() async throws {
        guard peer.hasGateway, !Peer.live.isEmpty else { return }
        let rows = try await peer.find(
            "millwright.reader", [["name", "=", .string("millwright/\(name)/changes")]], ["name"])
        for id in rows.compactMap({ $0["id"]?.int }) {
            _ = try await peer.asAdmin(OdooCall("millwright.reader", "unlink", ids: [id]))
        }
    }
}
