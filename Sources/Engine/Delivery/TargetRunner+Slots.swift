import Canonical
import Contracts
package import Store

// Who may talk to the target: a slot for each command that does, and none to a target that does not answer.
extension TargetRunner {
    /// Who gets a free slot; nil where none is free or nobody may go.
    func nextTurn() -> DispatchMachine.Turn? {
        guard slotsInUse < concurrency, !isDraining else { return nil }
        // Who comes back from a wait is let through to where it sees that: what was never sent is given back there.
        if isPaused {
            return Lane.allCases.first { slotWaiters[$0]?.isEmpty == false }.map { .returning($0) }
        }
        let now = world.clock.now()
        var resting = Set(Lane.allCases.filter { quiet.end(now, $0) != nil })
        let returning = Set(Lane.allCases.filter { slotWaiters[$0]?.isEmpty == false }).subtracting(resting)
        // A target that is down gets no more than it could take at once: these see when it is back. Whoever waits to
        // hear what became of a command cannot: its next try may be far.
        guard !breaker.isOpen || machine.carriedCount - inDoubt.count < concurrency else {
            return returning.min().map { .returning($0) }
        }
        // An edge may have shown meanwhile that another store was here before this one.
        machine.doubt = store.doubt
        // What has begun is brought to its end; what is new keeps to the rate.
        if rate?.wait(steady) != nil { resting.formUnion(Set(Lane.allCases).subtracting(returning)) }
        let turn = machine.turn(now: now, returning: returning, resting: resting)
        if case .new = turn { rate?.begin(steady) }
        return turn
    }

    /// How long the end of the quiet hours, or a batch, is waited for before the clock is looked at again: somebody may
    /// set it.
    private static let quietLook = Duration.seconds(30)

    /// When somebody may go whom nothing else wakes: a coalescing window has passed, a batch is due, the quiet hours
    /// are over, or the rate lets the next one through.
    func nextWake() -> Instant? {
        guard !isPaused else { return nil }
        let now = world.clock.now()
        var wakes = [quiet.end(now).map { min($0, now + Self.quietLook) }]
        if slotsInUse < concurrency {
            wakes.append(machine.nextDue(after: now).map { min($0, now + Self.quietLook) })
            wakes.append(rate?.wait(steady).map { now + $0.since(steady) })
        }
        return wakes.compactMap { $0 }.min()
    }

    /// A command of which nothing was sent or stored is given up: its deliveries wait.
    struct GivenBack: Error {}

    /// Lets a command that has begun before the quiet hours go on behind them, and one that is paused when it is not.
    private func waitForLeave(_ carried: CarriedCommand) async throws {
        let command = carried.command
        while true {
            if isHeld(command) {
                // What was never sent waits as deliveries, which a person may still change.
                guard carried.isStored else { throw GivenBack() }
                machine.putOff(command.key)
                giveSlot()
                await paused.bell.wait(beyond: paused.bell.rings)
                await takeSlot(command.lane)
                try Task.checkCancellation()
            } else if let end = quiet.end(world.clock.now(), command.lane) {
                try await rest(min(end.since(world.clock.now()), Self.quietLook), command)
            } else {
                return
            }
        }
    }

    /// Whether a person has paused the command's flow, or the target.
    func isHeld(_ command: Command) -> Bool { isPaused || paused.pauses.flows.contains(command.flow) }

    /// Whether a person has paused the target.
    var isPaused: Bool { paused.pauses.targets.contains(target.name) }

    /// Something was paused, or goes on.
    package func setPauses(_ pauses: Pauses) {
        paused.set(pauses)
        machine.paused = pauses.flows
        activity.ring()
    }

    func note(_ preparation: Preparation) {
        switch preparation {
        case .ready: breaker.succeeded(.looking)
        // Nothing was learnt of the target: its ledger is the node's own.
        case .needsLedger: break
        case .settled(let outcome): note(outcome, of: .looking)
        }
    }

    func note(_ outcome: Outcome, of call: CircuitBreaker.Call = .doing) {
        switch outcome {
        case .deferred(let deferral): note(deferral, of: call)
        case .unknown(let failure):
            trouble = TargetTrouble(failure, at: world.clock.now())
            breaker.failed(call, now: steady)
        case .accepted, .rejected: breaker.succeeded(call)
        }
    }

    func note(_ inquiry: Inquiry) {
        switch inquiry {
        // What was sent has arrived.
        case .happened: breaker.succeeded()
        // A target that nobody can ask says so too.
        case .notFound, .cannotTell: breaker.succeeded(.looking)
        case .deferred(let deferral): note(deferral, of: .looking)
        }
    }

    private func note(_ deferral: Deferral, of call: CircuitBreaker.Call) {
        trouble = TargetTrouble(deferral.failure, at: world.clock.now())
        // Otherwise it answered, though not as hoped.
        if deferral.isTargetDown { breaker.failed(call, now: steady) } else { breaker.succeeded(call) }
    }

    /// Waits until a command may go: outside of the quiet hours, not paused, to a target that answers. Answers why not,
    /// where it is too old by then and `expires`.
    func clearance(_ carried: CarriedCommand, expires: Bool = true) async throws -> Failure? {
        while true {
            try await waitForLeave(carried)
            if expires, let failure = expiry(of: carried) { return failure }
            let (isAllowed, retry) = breaker.permit(now: steady)
            if isAllowed {
                if case .probing = breaker.state { prober = carried.command.id }
                return nil
            }
            try await rest((retry ?? steady).since(steady), carried.command)
        }
    }

    /// Whether a command waits to hear what became of it.
    func note(_ action: CommandLifecycle.Action, of carried: CarriedCommand) {
        switch action {
        case .doubt, .inquire: inDoubt.insert(carried.command.id)
        default: inDoubt.remove(carried.command.id)
        }
    }

    /// Nothing more is done about a command now.
    func leave(_ carried: CarriedCommand) {
        giveProbeBack(carried)
        inDoubt.remove(carried.command.id)
        giveSlot()
    }

    /// Where this command was let through to see whether the target is back, and sends nothing now: another may see.
    func giveProbeBack(_ carried: CarriedCommand) {
        guard prober == carried.command.id else { return }
        prober = nil
        breaker.giveBack(now: steady)
    }

    /// Waits without holding a slot, so that others go on meanwhile.
    func rest(_ duration: Duration, _ command: Command) async throws {
        guard duration > .zero else { return }
        machine.putOff(command.key)
        giveSlot()
        let result: Result<Void, any Error>
        do {
            result = .success(try await world.clock.sleep(for: duration))
        } catch {
            result = .failure(error)
        }
        await takeSlot(command.lane)
        try result.get()
    }

    /// Waits for a slot, which the loop of ``run()`` hands out.
    func takeSlot(_ lane: Lane) async {
        await withCheckedContinuation { continuation in
            guard !Task.isCancelled else {
                slotsInUse += 1
                return continuation.resume()
            }
            slotWaiters[lane, default: []].append(continuation)
            activity.ring()
        }
    }

    func giveSlot() {
        slotsInUse -= 1
        activity.ring()
    }

    /// Lets those go on that wait for a slot, so that they see that it is over.
    func endWaiting() {
        for lane in Lane.allCases {
            for waiter in slotWaiters.removeValue(forKey: lane) ?? [] {
                slotsInUse += 1
                waiter.resume()
            }
        }
    }
}
