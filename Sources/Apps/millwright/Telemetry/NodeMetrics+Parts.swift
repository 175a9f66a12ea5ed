import Canonical
import Contracts
import Delivery
import Intake
import Routing
import Runtime
import Store
import Telemetry

// What the node's sources and its store say.
extension NodeMetrics {
    func addSources(_ set: inout MetricSet) async {
        for section in folder.sources {
            let labels = [section.name.rawValue]
            let activity = engine.intake.activity(of: section.name)
            let state = engine.state(of: section.name)
            let isSilent = health.silentSince(section, set.time) != nil
            let warnings = await watch.warnings(of: "source \(section.name)").count
            let counts = [
                (MetricCatalog.sourceUp, state?.failure == nil ? 1 : 0),
                (MetricCatalog.sourceSilent, isSilent ? 1 : 0), (MetricCatalog.sourceReadings, activity.readings),
                (MetricCatalog.sourceDocuments, activity.documents), (MetricCatalog.sourceEvents, activity.events),
                (MetricCatalog.sourceDuplicates, activity.duplicates),
                (MetricCatalog.sourceExceptions, activity.exceptions),
                (MetricCatalog.sourceRestarts, state?.restarts ?? 0), (MetricCatalog.sourceWarnings, warnings),
            ]
            for (metric, count) in counts { set.add(metric, labels, .count(count), since: since) }
            if let last = activity.last {
                set.add(MetricCatalog.sourceLastHeard, labels, .time(last.microseconds), since: since)
            }
        }
        let streams = (try? await engine.store.look { try $0.streams() }) ?? []
        for edge in EdgePresence.edges(of: engine, stored: EdgePresence.stored(streams)) {
            guard let seen = edge.last else { continue }
            set.add(MetricCatalog.edgeLastSeen, [edge.node.rawValue], .time(seen.microseconds), since: since)
        }
    }

    func addFlows(_ set: inout MetricSet) async {
        var results: [TargetName: [FlowName: TargetTally.Flow]] = [:]
        for runner in engine.runners { results[runner.target.name] = await runner.counts().flows }
        for router in engine.routers {
            let tally = await router.tally()
            let target = router.plan.target
            // What is settled of a flow that is not in the settings any more belongs to the sum all the same.
            let names = Set(router.plan.rules.map(\.name)).union(results[target]?.keys.map { $0 } ?? [])
            for name in names.sorted(by: { $0.rawValue < $1.rawValue }) {
                add(name, target, tally[name] ?? FlowTally(), results[target]?[name], &set)
            }
        }
    }

    private func add(
        _ flow: FlowName, _ target: TargetName, _ made: FlowTally, _ settled: TargetTally.Flow?, _ set: inout MetricSet
    ) {
        let labels = [flow.rawValue, target.rawValue]
        let counts = [
            (MetricCatalog.flowEvents, made.events), (MetricCatalog.flowDeliveries, made.deliveries),
            (MetricCatalog.flowFiltered, made.filtered), (MetricCatalog.flowMapFailures, made.failures),
            (MetricCatalog.flowAccepted, settled?.accepted ?? 0),
            (MetricCatalog.flowRejected, settled?.rejected ?? 0), (MetricCatalog.flowDoubted, settled?.doubted ?? 0),
        ]
        for (metric, count) in counts { set.add(metric, labels, .count(count), since: since) }
        set.add(
            MetricCatalog.flowSinceEvent, labels, .histogram(settled?.sinceEvent ?? .ofWays), since: since)
        set.add(
            MetricCatalog.flowSinceStored, labels, .histogram(settled?.sinceStored ?? .ofWays), since: since)
    }

    // MARK: - The store

    func addStore(_ set: inout MetricSet) async {
        let store = engine.store
        let tally = store.tally
        let isWritable = store.damage == nil && tally.trouble == nil
        let counts = [
            (MetricCatalog.storeWritable, isWritable ? 1 : 0), (MetricCatalog.storeUsed, store.usedBytes),
            (MetricCatalog.storeCeiling, folder.node.store.ceilingBytes), (MetricCatalog.storeCommits, tally.commits),
            (MetricCatalog.storeWrites, tally.writes), (MetricCatalog.storeCommitFailures, tally.failures),
        ]
        for (metric, count) in counts { set.add(metric, [], .count(count), since: since) }
        set.add(MetricCatalog.storeCommitTime, [], .histogram(tally.times), since: since)
        let path = Composition.storePath(folder)
        for (name, suffix) in [("database", ""), ("log", "-wal"), ("checksums", "-sums")] {
            guard let size = (try? world.disk.status(path + suffix))?.size else { continue }
            set.add(MetricCatalog.storeFiles, [name], .count(size), since: since)
        }
        if let free = try? world.disk.freeBytes(at: folder.node.store.path) {
            set.add(MetricCatalog.diskFree, [], .count(free), since: since)
        }
        await addStoreRows(&set)
    }

    private func addStoreRows(_ set: inout MetricSet) async {
        let facts = try? await engine.store.look { transaction in
            (
                events: try transaction.storedCount(),
                open: try transaction.openExceptions(countedUpTo: Self.countedMaximum),
                made: try transaction.exceptionsMade(), oldest: try transaction.oldestException()
            )
        }
        guard let facts else { return }
        set.add(MetricCatalog.storeEvents, [], .count(facts.events), since: since)
        set.add(MetricCatalog.exceptionsMade, [], .count(facts.made), since: since)
        for (kind, code, count) in facts.open {
            set.add(MetricCatalog.exceptionsOpen, [kind.rawValue, code], .count(count), since: since)
        }
        if let oldest = facts.oldest {
            set.add(MetricCatalog.exceptionsOldest, [], .time(oldest.microseconds), since: since)
        }
    }
}
