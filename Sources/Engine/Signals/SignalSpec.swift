package import Contracts

/// The settings of signals: what stands under `signals:` of a source, by the signal's `role`.
package enum SignalSpec {
    private typealias F = SignalFields

    /// The kind of one element of `signals:`.
    package static let kind: FieldKind = .variants(
        by: "role",
        [
            counter, count, state, scrap, cycle, condition, threshold, rate, energy, window, material, record, context,
        ])

    /// Signals that work, for the docs: a turn-mill centre over MTConnect.
    package static let example = """
        signals:
          - role: context
            tags: { program: pprogram }
          - role: counter
            tag: ppartcount
            session: avail
            afterGap: ignore
          - role: state
            tag: pexecution
            map: { ACTIVE: running, READY: idle, PROGRAM_COMPLETED: idle, INTERRUPTED: held, STOPPED: held }
            overrides: { estop: { TRIGGERED: down } }
            debounce: 2s
          - role: condition
            tags: "*_cond"
            maintenance: { codes: "*", priority: high }
        """

    private static let common = [F.name.spec, F.with.spec]
    private static let ofRecord = [F.subject.spec, F.order.spec, F.item.spec, F.fields.spec]
    private static let counting = [
        F.unit.spec, F.multiplier.spec, F.baseline.spec, F.afterGap.spec, F.session.spec, F.rollover.spec,
        F.tolerance.spec, F.resetBelow.spec, F.maximumStep.spec,
    ]

    private static let counter = FieldKind.Variant(
        "counter", "a tag that counts up: each step becomes an event with what it added",
        [F.tag.spec, F.event("production.completed").spec] + counting + common)
    private static let count = FieldKind.Variant(
        "count", "a quantity that a record states",
        [F.on.spec, F.event("production.completed").spec, F.quantity.spec] + ofRecord + common)
    private static let state = FieldKind.Variant(
        "state", "codes of a tag or kinds of records that say what the equipment does",
        [
            F.tag.spec, F.map.spec, F.onStates.spec, F.overrides.spec, F.debounce.spec, F.silent.spec,
            F.heartbeat.spec, F.reason.spec, F.reasonTag.spec,
        ] + common)
    private static let scrap = FieldKind.Variant(
        "scrap", "pieces that are no good, from a counter or a record, with the reason",
        [
            F.tag.spec, F.on.spec, F.event("production.scrapped").spec, F.quantity.spec, F.reason.spec,
            F.reasonTag.spec,
        ] + counting + ofRecord + common)
    private static let cycle = FieldKind.Variant(
        "cycle", "start and end of a cycle, from a tag or a pair of records",
        [
            F.tag.spec, F.starts.spec, F.ends.spec, F.aborts.spec, F.startOn.spec, F.endOn.spec, F.abortOn.spec,
            F.event("equipment.cycle-completed").spec,
        ] + common)
    private static let condition = FieldKind.Variant(
        "condition", "conditions and error messages",
        [
            F.tags.spec, F.on.spec, F.clearOn.spec, F.code.spec, F.message.spec, F.severity.spec, F.maintenance.spec,
        ] + common)
    private static let threshold = FieldKind.Variant(
        "threshold", "a number that must not cross a limit: crossings are conditions",
        [
            F.tag.spec, F.on.spec, F.number.spec, F.above.spec, F.aboveUntil.spec, F.below.spec, F.belowUntil.spec,
            F.lasts.spec, F.valueUnit.spec, F.conditionCode.spec, F.severity.spec,
        ] + common)
    private static let rate = FieldKind.Variant(
        "rate", "what a counter counts per time, over a window that moves on: a rate beyond its limits is a condition",
        [
            F.tag.spec, F.on.spec, F.number.spec, F.per.spec, F.rateWindow.spec, F.above.spec, F.aboveUntil.spec,
            F.below.spec, F.belowUntil.spec, F.conditionCode.spec, F.severity.spec, F.multiplier.spec,
            F.baseline.spec, F.afterGap.spec, F.session.spec, F.rollover.spec, F.tolerance.spec, F.resetBelow.spec,
            F.maximumStep.spec,
        ] + common)
    private static let energy = FieldKind.Variant(
        "energy", "the energy used in each span of time, from a meter or from the power of the moment",
        [
            F.tag.spec, F.on.spec, F.number.spec, F.reads.spec, F.energyUnit.spec, F.every.spec, F.hold.spec,
            F.multiplier.spec, F.baseline.spec, F.afterGap.spec, F.session.spec, F.rollover.spec, F.tolerance.spec,
            F.resetBelow.spec, F.maximumStep.spec,
        ] + common)
    private static let window = FieldKind.Variant(
        "window", "the summary of each shift, from what the source's other signals count and tell",
        [
            F.shifts.spec, F.stateSignal.spec, F.good.spec, F.scrapSignals.spec, F.grace.spec, F.amend.spec,
            F.microStop.spec, F.runTimePerUnit.spec,
        ] + common)
    private static let material = FieldKind.Variant(
        "material", "what a run consumed, from cumulative counters by item",
        [
            F.on.spec, F.within.spec, F.resets.spec, F.items.spec, F.itemPart.spec, F.quantityPart.spec, F.subject.spec,
            F.order.spec,
        ] + common)
    private static let record = FieldKind.Variant(
        "record", "any record as any fact, field by field",
        [F.on.spec, F.anyEvent.spec, F.quantity.spec] + ofRecord + common)
    private static let context = FieldKind.Variant(
        "context",
        "the order, operation, item, lot, operator or program at hand, which travels with the asset's events",
        [F.contextTags.spec, F.on.spec, F.set.spec, F.contextClearOn.spec, F.clears.spec, F.name.spec])
}
