import Canonical
import Contracts
import FaultDisk
import GRDB
import SimulatedWorld
import Store
import World

/// One life of a store on a disk that fails: the workload's steps, each tried again until it is acknowledged; a restart
/// wherever the power goes or nothing helps; a power loss at the end. What is there then is held against what must be.
struct Trial {
    /// How a life ended.
    enum Verdict: Equatable, CustomStringConvertible {
        /// All that was acknowledged is there, nothing else.
        case exact
        /// Something is lost or wrong, and somebody was told: by the store's refusal, or by an error.
        case reported(String)
        /// Something that was acknowledged is lost or wrong, and nobody was told.
        case silent(String)

        var description: String {
            switch self {
            case .exact: "exact"
            case .reported(let what): "reported: \(what)"
            case .silent(let what): "SILENT: \(what)"
            }
        }
    }

    /// A step that fails this often will not come to pass; of a disk that fails all the time it is more than enough.
    static let triesMaximum = 40

    let disk: FaultDisk
    let world: World
    /// The state after each number of steps.
    let states: [Dump]
    /// The store's own checks, over the fault disks.
    static let checked = "millwright-checked-fault"
    private var path: String { disk.path("node.db", through: Self.checked) }
    /// What somebody was told.
    private(set) var reports: [String] = []
    private var store: Store?
    /// Steps that were acknowledged.
    private var done = 0
    private var wrong: String?
    private var isMended = false

    init(disk: FaultDisk, world: World, states: [Dump]) {
        self.disk = disk
        self.world = world
        self.states = states
    }

    /// Lives the whole workload and says how it ended.
    mutating func run() async -> Verdict {
        while done < Step.workload.count {
            guard await advance() else { return .reported("stopped before \(Step.workload[done]): \(last)") }
            if isMended { return wrong.map { .silent($0) } ?? .reported("mended") }
            // Only one fault happens in a life: whatever was said was about it.
            if let wrong { return reports.isEmpty ? .silent(wrong) : .reported("\(wrong); \(last)") }
        }
        disk.powerLoss()
        letGo()
        disk.heal()
        disk.powerOn()
        return await judge()
    }

    private var last: String { reports.last ?? "nothing was said" }

    /// Does the next step, however many tries it takes. False where that is too many.
    private mutating func advance() async -> Bool {
        let step = Step.workload[done]
        for attempt in 1...Self.triesMaximum {
            do {
                let store = try await opened()
                // After a power loss the step that was under way may have been the last thing that became durable.
                guard wrong == nil, !isMended, done < Step.workload.count,
                    Step.workload[done].description == step.description
                else { return true }
                try await perform(step, on: store)
                done += 1
                return true
            } catch {
                reports.append("\(step): \(error)")
                // What a supervisor does with a node that cannot write: it starts it anew.
                if disk.isOff || attempt % 3 == 0 { letGo() }
                disk.powerOn()
            }
        }
        return false
    }

    private mutating func perform(_ step: Step, on store: Store) async throws {
        switch step {
        case .checkpoint:
            let queue = try DatabaseQueue(path: path)
            defer { try? queue.close() }
            _ = try queue.inDatabase { try $0.checkpoint(.passive) }
        case .restart:
            await store.close()
            self.store = nil
            _ = try await opened()
        default: try await store.write { try step.apply($0) }
        }
    }

    /// The store, opened where it is not open. One that comes back after a power loss must hold what was acknowledged.
    private mutating func opened() async throws -> Store {
        if let store { return store }
        var store = try Store(StoreSettings(path: path), world: world)
        var dump: Dump
        do {
            dump = try Dump(path: path)
        } catch  where Dump.isDamage(error) {
            // What the store itself did not need yet is damaged: what a person does who finds that out.
            await store.close()
            _ = try StoreDoctor.repair(path, world: world)
            store = try Store(StoreSettings(path: path), world: world)
            dump = try Dump(path: path)
        }
        self.store = store
        if dump.isMended {
            isMended = true
            // A loss has been told as far as the store knows; what it does not tell must be there.
            wrong = dump.untold(done < states.count - 1 ? [states[done], states[done + 1]] : [states[done]])
            return store
        }
        guard done > 0 else { return store }
        if dump == states[done] { return store }
        if done + 1 < states.count, dump == states[done + 1] {
            done += 1
        } else {
            wrong = Self.name(dump, states, expected: done)
        }
        return store
    }

    /// The end of a process: whatever its connection still does reaches nothing.
    private mutating func letGo() {
        disk.kill()
        store?.abandon()
        store = nil
    }

    private mutating func judge() async -> Verdict {
        do {
            let store = try Store(StoreSettings(path: path), world: world)
            await store.close()
            _ = try StoreDoctor.repair(path, world: world)
            let dump = try Dump(path: path)
            if dump.isMended { return dump.untold([states[done]]).map { .silent($0) } ?? .reported("mended") }
            guard dump != states[done] else { return .exact }
            let what = Self.name(dump, states, expected: done)
            return reports.isEmpty ? .silent(what) : .reported("\(what); \(last)")
        } catch {
            return .reported("\(error)")
        }
    }

    private static func name(_ dump: Dump, _ states: [Dump], expected: Int) -> String {
        if let older = states.lastIndex(of: dump) { return "the state after \(older) steps instead of \(expected)" }
        return "no state that ever was; differs in \(dump.differences(from: states[expected]).joined(separator: ", "))"
    }
}

extension Trial {
    /// The states that the workload goes through on a disk that never fails.
    static func referenceStates(_ world: World) async throws -> [Dump] {
        let disk = try FaultDisk(seed: 0)
        try StoreAddress.register(checked, over: FaultDisk.fileSystem)
        let path = disk.path("node.db", through: checked)
        var store = try Store(StoreSettings(path: path), world: world)
        var states = [try Dump(path: path)]
        for step in Step.workload {
            switch step {
            case .restart:
                await store.close()
                store = try Store(StoreSettings(path: path), world: world)
            case .checkpoint: break
            default: try await store.write { try step.apply($0) }
            }
            states.append(try Dump(path: path))
        }
        await store.close()
        return states
    }
}
