// Flows and targets: the way out.
extension MetricCatalog {
    // MARK: - Flows

    static let flows = [
        flowEvents, flowDeliveries, flowFiltered, flowMapFailures, flowAccepted, flowRejected, flowDoubted,
        flowSinceEvent, flowSinceStored,
    ]

    private static let flow = ["flow", "target"]
    package static let flowEvents = Metric(
        "millwright_flow_events_total", .counter, .none, flow, "Events that the flow's trigger admitted.")
    package static let flowDeliveries = Metric(
        "millwright_flow_deliveries_total", .counter, .none, flow, "Deliveries that the flow made of them.")
    package static let flowFiltered = Metric(
        "millwright_flow_filtered_total", .counter, .none, flow,
        "Events that the flow's condition or map passed over: no delivery was made, as the flow says.")
    package static let flowMapFailures = Metric(
        "millwright_flow_map_failures_total", .counter, .none, flow,
        "Events whose map failed: each is an exception and keeps its place in its key's order.",
        action: "Correct the flow's map; `millwright exceptions` shows the events.")
    package static let flowAccepted = Metric(
        "millwright_flow_accepted_total", .counter, .none, flow, "Deliveries that the target has.")
    package static let flowRejected = Metric(
        "millwright_flow_rejected_total", .counter, .none, flow,
        "Deliveries that the target refused: each is an exception.",
        action: "`millwright exceptions` lists them with what to do.")
    package static let flowDoubted = Metric(
        "millwright_flow_doubted_total", .counter, .none, flow,
        "Deliveries of which the target cannot tell whether they were done: each is an exception.",
        action: "A person looks at the target and decides.")
    package static let flowSinceEvent = Metric(
        "millwright_flow_event_to_accepted_seconds", .histogram, .seconds, flow,
        "From when a fact happened, by the clock of who saw it, to the target's having it.")
    package static let flowSinceStored = Metric(
        "millwright_flow_stored_to_accepted_seconds", .histogram, .seconds, flow,
        "From when a fact was stored at this node to the target's having it.")

    // MARK: - Targets

    static let targets = [
        targetUp, targetBreaker, targetWaiting, targetOldestWaiting, targetInFlight, targetBlocked, targetBlockedKeys,
        targetQuiet, paused, targetAttempts, targetAttemptTime, targetForwarded, targetWarnings,
    ]

    package static let targetUp = Metric(
        "millwright_target_up", .gauge, .none, ["target"],
        "1 while the target is called, 0 while it is left alone because it does not answer, or refuses everything.",
        action: "`/health` and the overview say what is wrong; deliveries wait and nothing is lost.")
    package static let targetBreaker = Metric(
        "millwright_target_breaker_state", .gauge, .none, ["target", "state"],
        "1 for the state that the circuit breaker is in, 0 for the others: closed, open, probing.")
    package static let targetWaiting = Metric(
        "millwright_target_waiting", .gauge, .none, ["target", "lane"],
        "Deliveries, or for a stream events, that wait for the target; counted up to 100000 a lane.",
        action: "Where it grows for long, the target is too slow for what comes; see docs/overload.md.")
    package static let targetOldestWaiting = Metric(
        "millwright_target_oldest_waiting_seconds", .gauge, .seconds, ["target"],
        "How long the oldest delivery that is not done, or event of a stream, has been waiting; 0 where none is.",
        action: "Look at the breaker, at quiet hours and at blocked keys.")
    package static let targetInFlight = Metric(
        "millwright_target_in_flight", .gauge, .none, ["target"], "Commands that the target is working on now.")
    package static let targetBlocked = Metric(
        "millwright_target_blocked", .gauge, .none, ["target"],
        "Deliveries that wait behind an exception of their key; counted up to 100000.",
        action: "Decide about the exceptions that hold them.")
    package static let targetBlockedKeys = Metric(
        "millwright_target_blocked_keys", .gauge, .none, ["target"], "Keys that wait for a person.",
        action: "Decide about the exceptions that hold them.")
    package static let targetQuiet = Metric(
        "millwright_target_quiet", .gauge, .none, ["target"],
        "1 when nothing is sent because the settings (quiet hours) or a person (a pause) say so, else 0.")
    package static let paused = Metric(
        "millwright_paused_since_seconds", .gauge, .seconds, ["kind", "name"],
        "Since when a person has paused a flow or a target, as a time since 1970; nothing where nothing is paused.",
        action: "What comes for it waits. Let it go on when what it was paused for is over.")
    package static let targetAttempts = Metric(
        "millwright_target_attempts_total", .counter, .none, ["target", "step", "outcome"],
        "Calls of the target: prepare looks, perform writes, inquire asks what became of a write, forward hands events "
            + "over; and how they ended.",
        action: "Many that are deferred or unknown mean a target, or a network, in trouble.")
    package static let targetAttemptTime = Metric(
        "millwright_target_attempt_seconds", .histogram, .seconds, ["target", "step"], "How long such a call took.")
    package static let targetForwarded = Metric(
        "millwright_target_forwarded_total", .counter, .none, ["target"], "Events that a stream target has taken.")
    package static let targetWarnings = Metric(
        "millwright_target_warnings", .gauge, .none, ["target"],
        "What will stop the target unless somebody does something in time: keys and certificates that end.",
        action: "The overview says what.")
}
