import Canonical
import Contracts
import Delivery
import ExactJSON
import Store
import World

/// Takes each command after a while and writes down which, when its fact happened and when it was done: what a node
/// does under load is measured with.
struct PacedTarget: Target {
    static let takes = Field<Duration>(
        "takes", in: .milliseconds(1)...(.seconds(60)), default: "100ms", "how long a command takes")
    static let list = Field<String>(
        "list", .path, required: true, example: "/tmp/taken.txt", "the file that says what was taken")
    static let operations = [
        OperationSpec(
            name: "take", summary: "Takes whatever it is given.", arguments: [],
            promise: "Each command is written down each time it is taken.", example: ["order": "MO-1"])
    ]
    static let spec = ConnectorSpec(
        name: "paced", role: .target, summary: "Takes each command after a while and writes down which. For measuring.",
        fields: [takes.spec, list.spec], operations: operations,
        example: "target: slow\nprotocol: paced\ntakes: 100ms\nlist: /tmp/taken.txt\n",
        promises: ["Nothing is kept but the list."])

    let name: TargetName
    let settlingTime = Duration.seconds(1)
    private let time: Duration
    private let path: String
    private let world: World

    init(name: TargetName, settings: Settings, world: World) throws(SettingFault) {
        self.name = name
        self.world = world
        time = try settings(Self.takes)
        path = try settings(Self.list)
    }

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation { .ready(intent: .null) }

    func perform(_ attempt: Attempt) async -> Outcome {
        do {
            try await world.clock.sleep(for: time)
            let command = attempt.command
            let times = "\(command.time.microseconds) \(world.clock.now().microseconds)"
            let line = "\(command.lane.name) \(times) \(command.idempotencyKey)\n"
            try world.disk.append(Array(line.utf8), to: path, sync: false)
            return .accepted(Acceptance(reference: String(command.id), summary: "taken"))
        } catch {
            return .unknown(DeliveryFailures.unknownOutcome.failure("\(error)"))
        }
    }

    func inquire(_ attempt: Attempt) async -> Inquiry { .notFound }
}
