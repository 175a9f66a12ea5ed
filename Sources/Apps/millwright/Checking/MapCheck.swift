import Canonical
import Contracts
import ExactJSON
import JQ
import NodeSettings
import Routing

/// Runs each flow's programs on events that it must take, and compares what they make with what its operation takes.
///
/// The events are those of the folder's tests, and for each type one that is made of its shape or schema. What is made
/// up shows kinds and no values: of it, only faults count that no value could mend.
struct MapCheck {
    let sources: FactSources
    let samples: [SampleEvent]
    private var folder: NodeFolder { sources.folder }

    var faults: [CheckFault] {
        // A map that several flows use is wrong once.
        Array(Set(folder.flows.flatMap { FlowMapCheck($0, folder, sources, samples).faults }))
    }
}

/// The check of one flow.
private struct FlowMapCheck {
    private let flow: FlowSection
    private let folder: NodeFolder
    private let sources: FactSources
    private let samples: [SampleEvent]
    private let programs: FlowPrograms
    private let operation: OperationSpec?

    init(_ flow: FlowSection, _ folder: NodeFolder, _ sources: FactSources, _ samples: [SampleEvent]) {
        self.flow = flow
        self.folder = folder
        self.sources = sources
        self.samples = samples
        programs = FlowPrograms(flow, in: folder)
        let target = folder.targets.first { $0.name == flow.target }
        let connector = Composition.connectors.first { $0.role == .target && $0.name == target?.protocolName }
        operation = connector?.operations.first { $0.name == flow.operation }
    }

    var faults: [CheckFault] {
        guard let rule = try? FlowRule(flow, in: folder) else { return [] }
        let real = samples.filter { sample in
            guard let type = sample.event["type"]?.string else { return false }
            let source = sample.event["source"]?.string ?? "/\(origin.plant)/\(origin.asset)"
            let envelope = Envelope(
                id: "sample", source: source, type: type, subject: nil, time: Instant(microseconds: 0))
            return rule.admits(envelope)
        }
        let found = real.flatMap { faults($0, rule) }
        // One report for each place: what a test shows goes before what is made up.
        let places = Set(found.map(\.location))
        let made = madeFaults(rule).filter { !places.contains($0.location) }
        return unique(found) + unique(made)
    }

    private func unique(_ faults: [CheckFault]) -> [CheckFault] {
        var seen: Set<String> = []
        return faults.filter { seen.insert("\($0.location) \($0.code)").inserted }
    }

    /// Where an event of this flow is from that says nothing of it.
    private var origin: FactSources.Origin {
        let origins = sources.starters(of: flow).flatMap { $0.origins ?? [] }
        let fitting = origins.filter { flow.when.assets.isEmpty || flow.when.assets.contains(AssetID($0.asset)) }
        let plant = flow.when.plants.first ?? folder.plants.first?.name ?? "plant"
        let asset = flow.when.assets.first?.rawValue ?? folder.plant(plant)?.assets.first?.id.rawValue ?? "asset"
        return fitting.min { ($0.plant, $0.asset) < ($1.plant, $1.asset) } ?? .init(plant: plant, asset: asset)
    }

    // MARK: - Events of tests

    private func faults(_ sample: SampleEvent, _ rule: FlowRule) -> [CheckFault] {
        var event = sample.event
        if event["source"] == nil { event["source"] = .string("/\(origin.plant)/\(origin.asset)") }
        if event["time"] == nil { event["time"] = "2026-03-02T09:00:00.000000Z" }
        if event["id"] == nil { event["id"] = "sample-1" }
        let words = "the event of the test \"\(sample.name)\""
        do throws(JQRuntimeError) {
            if let predicate = rule.predicate {
                let verdict = try predicate.run(event).first ?? .null
                if verdict == .null || verdict == .bool(false) { return [] }
            }
        } catch { return failure(error, programs.predicate, words) }
        do throws(JQRuntimeError) {
            if let key = try rule.key?.run(event).first ?? .some("key"), key.string ?? key.number?.description == nil {
                return keyFault(key, words)
            }
            if let first = try rule.key.map({ key throws(JQRuntimeError) in try key.run(event) }), first.isEmpty {
                return keyFault(.null, words)
            }
        } catch { return failure(error, programs.key, words) }
        guard let map = rule.map else { return [] }
        do throws(JQRuntimeError) {
            return results(try map.run(event), made: nil, words)
        } catch { return failure(error, programs.map, words) }
    }

    private func keyFault(_ key: JSON, _ words: String) -> [CheckFault] {
        [
            CheckFault(
                SettingsFailures.mapFails, at: programs.key?.locate(1, 1) ?? flow.place("key"),
                "key gives \(key), and no text, for \(words)",
                suggestion: "name a member that each event has: key: subject, or .data.order")
        ]
    }

    private func failure(_ error: JQRuntimeError, _ program: FlowPrograms.Program?, _ words: String) -> [CheckFault] {
        let place = program?.locate(error.line, error.column) ?? flow.place("map", "jq")
        let isHole = error.message.hasPrefix("crosswalk ")
        return [
            CheckFault(
                isHole ? SettingsFailures.tableHole : SettingsFailures.mapFails, at: place,
                "\(error.message)" + (error.input.isEmpty || isHole ? "" : " (input: \(error.input))")
                    + ", for \(words)")
        ]
    }

    private func results(_ results: [JSON], made event: JSON?, _ words: String) -> [CheckFault] {
        let start = programs.map?.locate(1, 1) ?? flow.place("map", "jq")
        guard results.count <= 1 else {
            return [
                CheckFault(
                    SettingsFailures.mapFails, at: start,
                    "the map gives \(results.count) results for \(words), and a flow makes one command of an event",
                    suggestion: "collect them in one object, or take the first: first(…)")
            ]
        }
        guard let made = results.first, !made.isNull else { return [] }
        guard made.object != nil else {
            let shown = made.description
            return [
                CheckFault(
                    SettingsFailures.mapFails, at: start,
                    "the map gives \(shown.count > 60 ? shown.prefix(59) + "…" : shown) for \(words), and no object",
                    suggestion: "let it give the operation's arguments: {order: .subject, …}")
            ]
        }
        guard let operation else { return [] }
        let keys = programs.map?.reading.keys ?? []
        let source = event.map { event in
            ArgumentCheck.Made(
                texts: Set((event["data"]?.object ?? [:]).values.compactMap(\.string)), keys: Set(keys.map(\.name)))
        }
        return ArgumentCheck(operation: operation).findings(made, made: source).map { finding in
            // What is not there is shown where the others are.
            let isMissing = finding.kind == SettingsFailures.argumentMissing
            let key = keys.first { $0.name == finding.argument } ?? (isMissing ? keys.first : nil)
            let place = key.flatMap { key in programs.map?.location(key.place) }
            return CheckFault(
                finding.kind, at: place ?? start, "\(finding.reason), for \(words)", suggestion: finding.suggestion)
        }
    }

    // MARK: - Events that are made up

    /// Faults that no value of a member could mend.
    private static let ofKinds = [
        "cannot be added", "cannot be subtracted", "cannot be multiplied", "cannot be divided", "cannot index",
        "cannot iterate over", "cannot be negated", "has no keys", "cannot be sorted",
    ]

    /// What is made up is small, and there is much of it.
    private static let ofMadeEvents = JQLimits(steps: 20_000)

    private func madeFaults(_ rule: FlowRule) -> [CheckFault] {
        guard let program = programs.map, let types = sources.types(of: flow), !types.isEmpty,
            let map = try? JQProgram.compile(program.source, name: "map", functions: [lookup])
        else { return [] }
        let wanted = programs.all.flatMap(\.reading.comparisons)
        let maker = FactSample(folder: folder, origin: origin)
        return types.prefix(16).flatMap { type -> [CheckFault] in
            let words = "an event \(type)"
            let events = maker.events(of: type, wanted: wanted)
            let outcomes = events.map { event -> [CheckFault] in
                do throws(JQRuntimeError) {
                    return results(try map.run(event, limits: Self.ofMadeEvents), made: event, words)
                } catch {
                    let message = error.message.lowercased()
                    let isOfValues = message.contains("null") || message.contains("zero")
                    let isOfKinds = Self.ofKinds.contains { message.contains($0) } && !isOfValues
                    return isOfKinds ? failure(error, program, words) : []
                }
            }
            return outcomes.flatMap { $0 }
        }
    }

    /// A table that has whatever is looked up.
    private var lookup: JQHostFunction {
        let tables = folder.crosswalks
        return JQHostFunction(name: "lookup", arity: 2) { arguments in
            let table = arguments[0].string.flatMap { tables[$0] }
            return .string(table?.rows.values.first?.value ?? "SAMPLE-1")
        }
    }
}
