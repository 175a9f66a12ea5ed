import Contracts

extension FolderCheck {
    /// Compiles the maps, and collects what they and the programs in the YAML look up.
    mutating func checkPrograms() {
        for key in keys(in: "maps") + keys(in: "schemas").filter({ $0.hasSuffix(".jq") }) {
            guard let source = files.base[key]?.source else {
                markBroken(key)
                continue
            }
            for problem in reader.checkProgram(source.text, key) {
                fault(
                    SettingsFailures.program, at: place(problem, in: source), problem.reason,
                    suggestion: problem.suggestion)
            }
            let scanner = LookupScanner(source.text)
            hasComputedLookup = hasComputedLookup || scanner.hasComputedTable
            lookups += scanner.lookups.map {
                ($0.table, SettingLocation(file: key, line: $0.line, column: $0.column))
            }
        }
        for file in sources + flows + targets { note(file.programs) }
    }

    private func place(_ problem: ProgramFault, in source: SourceText) -> SettingLocation {
        var line = min(max(problem.line, 1), source.lines.count)
        var column = max(problem.column, 1)
        // A program that ends too early is shown at its last line with text.
        while line > 1, source.lines[line - 1].isEmpty {
            line -= 1
            column = Int.max
        }
        let length = source.lines[line - 1].unicodeScalars.count
        return SettingLocation(file: source.path, line: line, column: min(column, length + 1))
    }

    /// Takes note of what programs in the YAML look up.
    mutating func note(_ programs: [SpecChecker.FoundProgram]) {
        for program in programs {
            let scanner = LookupScanner(program.text)
            hasComputedLookup = hasComputedLookup || scanner.hasComputedTable
            let position = ScalarPosition(node: program.node, source: texts[program.node.location.file])
            lookups += scanner.lookups.map {
                ($0.table, position.location(line: $0.line, column: $0.column) ?? program.node.location)
            }
        }
    }

    mutating func readCrosswalks() {
        for key in keys(in: "crosswalks") {
            guard let source = file(key)?.source else { continue }
            var reader = CrosswalkReader(source: source, name: Self.stem(key))
            crosswalks[Self.stem(key)] = reader.read()
            report(reader.faults)
        }
    }

    mutating func checkLookups() {
        for lookup in lookups { resolveCrosswalk(lookup.table, "lookup", at: lookup.location) }
    }

    /// Warns of maps and crosswalks that nothing uses, where that can be told, and where it is not the other side of a
    /// name that was reported as unknown.
    mutating func checkUnused() {
        guard !broken.contains(where: { $0.hasPrefix("flows/") }), flows.allSatisfy({ $0.root.entries != nil }) else {
            return
        }
        // Whatever a flow says anywhere counts as use, so that a fault in a key does not make its map unused as well.
        let texts = flows.flatMap { $0.root.texts }
        let references = [sources, flows, targets].joined().flatMap(\.references)
        let maps = texts + references.filter { $0.referent == .map }.map(\.name)
        let meantMaps = Set(maps).union(maps.filter { $0.hasSuffix(".jq") }.compactMap(nearestMap))
        for key in keys(in: "maps") where !meantMaps.contains(key) {
            fault(
                SettingsFailures.unusedMap, .warning, at: SettingLocation(file: key, line: 1, column: 1),
                "no flow uses this map")
        }
        guard !hasComputedLookup, !broken.contains(where: { $0.hasPrefix("maps/") }) else { return }
        let inTexts = texts.filter { $0.contains("lookup") }.flatMap { LookupScanner($0).lookups.map(\.table) }
        let tables = inTexts + lookups.map(\.table) + references.filter { $0.referent == .crosswalk }.map(\.name)
        let meantTables = Set(tables).union(tables.compactMap { NearestName.of($0, among: crosswalkNames) })
        for key in keys(in: "crosswalks") where !meantTables.contains(Self.stem(key)) {
            fault(
                SettingsFailures.unusedCrosswalk, .warning,
                at: SettingLocation(file: file(key)?.path ?? key, line: 1, column: 1),
                "no program looks anything up in this table")
        }
    }
}
