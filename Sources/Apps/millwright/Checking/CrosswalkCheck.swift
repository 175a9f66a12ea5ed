import Canonical
import Contracts
import ExactJSON
import JQ
import NodeSettings

/// Finds keys that are sure to be looked up and that a crosswalk does not have, and rows that nothing can look up.
struct CrosswalkCheck {
    let sources: FactSources
    private var folder: NodeFolder { sources.folder }

    /// One lookup in a program of a flow.
    private struct Lookup {
        let flow: FlowSection
        let table: Crosswalk
        let key: JQReading.Argument
        let location: SettingLocation
    }

    var faults: [CheckFault] {
        let lookups = folder.flows.flatMap(lookups)
        return Array(Set(lookups.compactMap(hole) + empty(lookups) + unusedRows(lookups)))
    }

    private func lookups(_ flow: FlowSection) -> [Lookup] {
        FlowPrograms(flow, in: folder).all.flatMap { program in
            program.reading.calls.compactMap { call -> Lookup? in
                guard call.name == "lookup", call.arguments.count == 2, case .literal(let name) = call.arguments[0],
                    let table = name.string.flatMap({ folder.crosswalks[$0] })
                else { return nil }
                return Lookup(
                    flow: flow, table: table, key: call.arguments[1], location: program.location(call.places[1]))
            }
        }
    }

    // MARK: - Holes

    private func hole(_ lookup: Lookup) -> CheckFault? {
        guard !lookup.table.rows.isEmpty else { return nil }
        switch lookup.key {
        case .literal(let key):
            do {
                _ = try lookup.table.value(for: key)
                return nil
            } catch {
                return CheckFault(
                    SettingsFailures.tableHole, at: lookup.location, "\(error)", suggestion: advice(lookup, error.key))
            }
        case .member(let path):
            guard lookup.table.keyColumns.count == 1, let keys = keys(path, of: lookup.flow) else { return nil }
            let missing = keys.filter { lookup.table.rows[[$0]] == nil }.sorted()
            guard let first = missing.first else { return nil }
            let shown = missing.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
            return CheckFault(
                SettingsFailures.tableHole, .warning, at: lookup.location,
                "the flow \(lookup.flow.name) looks up .\(path.joined(separator: ".")), and the crosswalk "
                    + "\"\(lookup.table.name)\" has no row for \(shown)\(missing.count > 5 ? ", …" : "")",
                suggestion: advice(lookup, .string(first)))
        case .computed: return nil
        }
    }

    private func advice(_ lookup: Lookup, _ key: JSON) -> String {
        let file = folder.crosswalkPaths[lookup.table.name] ?? "crosswalks/\(lookup.table.name).csv"
        let nearest = key.string.flatMap { NearestName.of($0, among: lookup.table.rows.keys.compactMap(\.first)) }
        let row = (key.array ?? [key]).map { $0.string ?? $0.description }.joined(separator: ",")
        return "add a row to \(file): \(row),…" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
    }

    /// The values that a member is sure to have in events of a flow; nil where the settings do not name them.
    private func keys(_ path: [String], of flow: FlowSection) -> Set<String>? {
        switch path {
        case ["data", "asset"]: assets(of: flow)
        case ["plant"]: flow.when.plants.isEmpty ? nil : Set(flow.when.plants)
        case ["data", "state"]: states(of: flow)
        default: nil
        }
    }

    /// The assets whose events start a flow, where machines alone bring them.
    private func assets(of flow: FlowSection) -> Set<String>? {
        if !flow.when.assets.isEmpty { return Set(flow.when.assets.map(\.rawValue)) }
        let starters = sources.starters(of: flow)
        guard !starters.isEmpty, starters.allSatisfy({ $0.isClosed && !$0.source.signals.isEmpty }) else { return nil }
        let origins = starters.flatMap { $0.origins ?? [] }
        return Set(origins.filter { flow.when.plants.isEmpty || flow.when.plants.contains($0.plant) }.map(\.asset))
    }

    /// The states that the signals of a flow's sources make.
    private func states(of flow: FlowSection) -> Set<String>? {
        let starters = sources.starters(of: flow)
        guard !starters.isEmpty, starters.allSatisfy({ $0.isClosed && !$0.source.signals.isEmpty }),
            flow.when.predicate == nil
        else { return nil }
        var states: Set<String> = []
        for signal in starters.flatMap(\.source.signals) where signal.text("role") == "state" {
            for key in ["map", "on"] {
                guard case .map(let pairs)? = signal.values[key] else { continue }
                for pair in pairs { if case .text(let state) = pair.value { states.insert(state) } }
            }
        }
        return states.isEmpty ? nil : states
    }

    // MARK: - Tables and rows

    private func empty(_ lookups: [Lookup]) -> [CheckFault] {
        lookups.filter { $0.table.rows.isEmpty }.map { lookup in
            let file = folder.crosswalkPaths[lookup.table.name] ?? "crosswalks/\(lookup.table.name).csv"
            return CheckFault(
                SettingsFailures.tableHole, at: SettingLocation(file: file, line: 1, column: 1),
                "the table has no rows, and each lookup in it fails",
                suggestion: "add a row for each key below the header")
        }
    }

    /// Rows that nothing can look up, of a table of which every key that can be asked for is known. One whose keys are
    /// all written in the programs may hold more than they ask for.
    private func unusedRows(_ lookups: [Lookup]) -> [CheckFault] {
        // A table's name that is worked out, or a translation, may look up anything.
        guard !hasOtherLookups else { return [] }
        return Dictionary(grouping: lookups, by: \.table.name).values.flatMap { lookups -> [CheckFault] in
            guard let table = lookups.first?.table, table.keyColumns.count == 1, let range = range(of: lookups) else {
                return []
            }
            let file = folder.crosswalkPaths[table.name] ?? "crosswalks/\(table.name).csv"
            let asked = range.sorted().prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
            let more = range.count > 8 ? ", …" : ""
            return table.rows.compactMap { key, row in
                guard let name = key.first, !range.contains(name) else { return nil }
                return CheckFault(
                    SettingsFailures.tableUnusedRow, .warning,
                    at: SettingLocation(file: file, line: row.line, column: 1),
                    "nothing looks up \"\(name)\": what can be asked for is \(asked)\(more)",
                    suggestion: NearestName.of(name, among: range).map { "did you mean \($0)?" })
            }
        }
    }

    /// All keys that these lookups can ask for; nil where one of them may ask for others, and where all are written.
    private func range(of lookups: [Lookup]) -> Set<String>? {
        var range: Set<String> = []
        var isAskedByEvents = false
        for lookup in lookups {
            switch lookup.key {
            case .literal(let key): range.formUnion((key.array ?? [key]).map { $0.string ?? $0.description })
            case .member(let path):
                guard let values = values(path, of: lookup.flow) else { return nil }
                range.formUnion(values)
                isAskedByEvents = true
            case .computed: return nil
            }
        }
        return isAskedByEvents ? range : nil
    }

    /// Every value that a member can have in events of a flow, and perhaps more; nil where that cannot be told.
    private func values(_ path: [String], of flow: FlowSection) -> Set<String>? {
        switch path {
        case ["data", "asset"]:
            let known = folder.plants.flatMap { $0.assets.map(\.id.rawValue) }
            return assets(of: flow)?.union(known)
        case ["plant"]:
            let starters = sources.starters(of: flow)
            guard !starters.isEmpty, starters.allSatisfy(\.isClosed) else { return nil }
            return Set(folder.plants.map(\.name) + starters.flatMap { $0.origins ?? [] }.map(\.plant))
        default: return path.count == 2 && path[0] == "data" ? codes(path[1], of: flow) : nil
        }
    }

    /// The words that the canonical facts of a flow know for a member, such as the states of equipment: the intake
    /// refuses every other one, whoever sends it.
    private func codes(_ member: String, of flow: FlowSection) -> Set<String>? {
        guard let types = sources.types(of: flow), !types.isEmpty else { return nil }
        var words: Set<String> = []
        for type in types {
            guard case .code(let codes)? = FactShape.of(type: type)?.fields.first(where: { $0.name == member })?.kind
            else { return nil }
            words.formUnion(codes)
        }
        return words
    }

    private var hasOtherLookups: Bool {
        let flows = folder.flows.flatMap { FlowPrograms($0, in: folder).all }
        let computed = flows.contains { program in
            program.reading.calls.contains { call in
                guard call.name == "lookup" else { return false }
                if case .literal? = call.arguments.first { return false }
                return true
            }
        }
        return computed || folder.eventTypes.contains { $0.translation?.contains("lookup") ?? false }
    }
}
