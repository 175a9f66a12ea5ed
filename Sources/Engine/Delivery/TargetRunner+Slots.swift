import Canonical
import Contracts

// Who may talk to the target: a slot for each command that does, and none to a target that does not answer.
extension TargetRunner {
    /// Who gets a free slot; nil where none is free or nobody may go.
    func nextTurn() -> DispatchMachine.Turn? {
        guard slotsInUse < concurrency else { return nil }
        let returning = Set(Lane.allCases.filter { slotWaiters[$0]?.isEmpty == false })
        // A target that is down gets no more than it could take at once: these see when it is back.
        guard !breaker.isOpen || machine.carriedCount < concurrency else {
            return returning.min().map { .returning($0) }
        }
        // An edge may have shown meanwhile that another store was here before this one.
        machine.doubt = store.doubt
        return machine.turn(now: world.clock.now(), returning: returning)
    }

    func note(_ outcome: Outcome) {
        switch outcome {
        case .deferred(let deferral):
            lastFailure = deferral.failure
            // It answered, though not as hoped.
            if deferral.isTargetDown { breaker.failed(now: steady) } else { breaker.succeeded() }
        case .unknown(let failure): lastFailure = failure
        case .accepted, .rejected: breaker.succeeded()
        }
    }

    func waitForBreaker(_ command: Command) async throws {
        while true {
            let (isAllowed, retry) = breaker.permit(now: steady)
            if isAllowed { return }
            try await pause((retry ?? steady).since(steady), command)
        }
    }

    /// Waits without holding a slot, so that others go on meanwhile.
    func pause(_ duration: Duration, _ command: Command) async throws {
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
