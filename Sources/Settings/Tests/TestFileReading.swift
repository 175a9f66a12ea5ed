import Canonical
import Contracts
import ExactJSON

/// Reads one file of tests: by the spec first, then what belongs together.
struct TestFileReading {
    /// The bytes of a file at an absolute path, at most so many.
    typealias BytesOf = (_ path: String, _ limit: Int) throws(ScalarRefusal) -> [UInt8]

    let root: String
    let source: SourceText
    let folder: NodeFolder
    let limits: SettingsLimits
    private(set) var cases: [TestCase] = []
    private(set) var faults: [CheckFault] = []
    /// Texts of files of events in which something is wrong.
    private(set) var dataTexts: [String: SourceText] = [:]

    init(root: String, source: SourceText, folder: NodeFolder, limits: SettingsLimits) {
        self.root = root
        self.source = source
        self.folder = folder
        self.limits = limits
    }

    mutating func read(_ node: SettingsNode, checkProgram: @escaping ProgramCheck, _ bytesOf: BytesOf) {
        let name = TestFields.cases.spec.name
        let written = node[name]?.elements?.filter { !$0.isEmpty } ?? []
        let node = Self.withoutEmptyExpectations(node)
        var checker = SpecChecker(root: root, sources: [source.path: source], checkProgram: checkProgram)
        let settings = checker.settings(node, TestFields.all)
        faults += checker.faults
        resolve(checker.references)
        guard let found = try? settings(TestFields.cases), found.count == written.count else { return }
        for (settings, node) in zip(found, written) {
            do {
                cases.append(try testCase(settings, node, bytesOf))
            } catch let fault as CheckFault {
                faults.append(fault)
            } catch {
                // A value that is missing or malformed, which the checker has reported.
            }
        }
    }

    /// `expect:` with nothing behind it is yet to be filled, and no fault.
    private static func withoutEmptyExpectations(_ node: SettingsNode) -> SettingsNode {
        let name = TestFields.cases.spec.name
        guard let entries = node.entries, let cases = node[name]?.elements else { return node }
        let kept = cases.map { element in
            guard let entries = element.entries else { return element }
            let given = entries.filter { $0.key != TestFields.expect.spec.name || !$0.value.isEmpty }
            return SettingsNode(content: .mapping(given), location: element.location)
        }
        return SettingsNode(
            content: .mapping(
                entries.map { entry in
                    guard entry.key == name else { return entry }
                    return SettingsNode.Entry(
                        key: name, keyLocation: entry.keyLocation,
                        value: SettingsNode(content: .sequence(kept), location: entry.value.location))
                }), location: node.location)
    }

    private mutating func resolve(_ references: [SpecChecker.FoundReference]) {
        for reference in references {
            let (kind, names): (FailureKind, [String])
            switch reference.referent {
            case .source: (kind, names) = (SettingsFailures.unknownSource, folder.sources.map(\.name.rawValue))
            case .flow: (kind, names) = (SettingsFailures.unknownFlow, folder.flows.map(\.name.rawValue))
            default: continue
            }
            guard !names.contains(reference.name) else { continue }
            faults.append(
                CheckFault(
                    kind, at: reference.location,
                    "there is no \(reference.referent.rawValue) \(reference.name.quotedBriefly)",
                    suggestion: NearestName.advice(
                        reference.name, among: names, fallback: "the folder has no \(reference.referent.rawValue)s")))
        }
    }

    private mutating func testCase(
        _ settings: Settings, _ node: SettingsNode, _ bytesOf: BytesOf
    ) throws -> TestCase {
        var steps: [TestCase.Step] = []
        for step in try settings(TestFields.given) { steps.append(try self.step(step, bytesOf)) }
        let context = try contexts(settings, TestFields.context, node)
        var expected: [TestCase.Section: JSON] = [:]
        if let given = try settings.optional(TestFields.expect), let node = node[TestFields.expect.spec.name] {
            expected = try expectation(given, node)
        }
        return TestCase(
            name: try settings(TestFields.name), start: try instant(settings, TestFields.at), context: context ?? [:],
            steps: steps,
            wait: try settings(TestFields.wait), expected: expected, location: settings.location, node: node)
    }

    private func instant(_ settings: Settings, _ field: Field<String>) throws -> Instant {
        let text = try settings(field)
        guard let instant = Instant(text: text) else {
            throw CheckFault(
                SettingsFailures.testTime, at: settings.locations[field.spec.name] ?? settings.location,
                "\(field.spec.name) is \(text.quotedBriefly), and a time with a zone is asked for")
        }
        return instant
    }

    // MARK: - Steps

    private mutating func step(_ settings: Settings, _ bytesOf: BytesOf) throws -> TestCase.Step {
        let inputs = [
            TestFields.text.spec, TestFields.textFrom.spec, TestFields.events.spec, TestFields.eventsFrom.spec,
            TestFields.readings.spec,
        ].map(\.name)
        let given = inputs.filter { settings.locations[$0] != nil }
        guard given.count == 1 else {
            throw CheckFault(
                SettingsFailures.testStep, at: settings.location,
                given.isEmpty
                    ? "nothing comes in by this step" : "\(given.joined(separator: " and ")) stand in one step",
                suggestion: "give it one of: \(inputs.joined(separator: ", "))")
        }
        let file = try settings.optional(TestFields.file)
        let source = try settings.optional(TestFields.source).map { SourceName($0) }
        let input: TestCase.Input
        if let text = try settings.optional(TestFields.text) {
            input = .bytes(Array(text.utf8), file: file)
        } else if let path = try settings.optional(TestFields.textFrom) {
            input = .bytes(try bytes(path, settings, TestFields.textFrom.spec, bytesOf), file: file)
        } else if let path = try settings.optional(TestFields.eventsFrom) {
            let bytes = try bytes(path, settings, TestFields.eventsFrom.spec, bytesOf)
            input = .documents(documents(bytes, path))
        } else if let events = try settings.optional(TestFields.events) {
            input = .events(try self.events(events, settings))
        } else {
            input = .readings(try settings(TestFields.readings).map(reading))
        }
        if source == nil, !given[0].hasPrefix("events") {
            throw CheckFault(
                SettingsFailures.testStep, at: settings.location, "\(given[0]) needs a source that reads it",
                suggestion: NearestName.advice("", among: folder.sources.map(\.name.rawValue), fallback: "add a source")
            )
        }
        return TestCase.Step(
            source: source, after: try settings.optional(TestFields.after), input: input, location: settings.location)
    }

    private func bytes(
        _ path: String, _ settings: Settings, _ field: FieldSpec, _ bytesOf: BytesOf
    ) throws -> [UInt8] {
        do throws(ScalarRefusal) {
            return try bytesOf(path, limits.testDataBytes)
        } catch {
            throw CheckFault(
                error.kind, at: settings.locations[field.name] ?? settings.location, "\(path) \(error.reason)",
                suggestion: error.suggestion)
        }
    }

    private func events(_ events: [JSON], _ settings: Settings) throws -> [JSONObject] {
        let place = settings.locations[TestFields.events.spec.name] ?? settings.location
        return try events.enumerated().map { index, event in
            guard let members = event.object, let type = members["type"]?.string, !type.isEmpty else {
                throw CheckFault(
                    SettingsFailures.testEvent, at: place, "event \(index + 1) has no type",
                    suggestion: "write it like { type: millwright.production.completed.v1, subject: MO-7, data: {} }")
            }
            return members
        }
    }

    private mutating func documents(_ bytes: [UInt8], _ path: String) -> [EventDocument] {
        let shown = path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
        var documents: [EventDocument] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where line.contains(where: { $0 > 0x20 }) {
            do throws(EnvelopeScanner.Fault) {
                documents.append(try EnvelopeScanner.scan(Array(line)))
            } catch {
                // A byte stands for a column: what is no ASCII stands behind the envelope in most events.
                dataTexts[shown] =
                    dataTexts[shown] ?? SourceText(path: shown, text: String(decoding: bytes, as: UTF8.self))
                faults.append(
                    CheckFault(
                        SettingsFailures.testEvent,
                        at: SettingLocation(file: shown, line: index + 1, column: error.offset + 1),
                        "no CloudEvents event: \(error.reason)"))
            }
        }
        return documents
    }

    private func reading(_ settings: Settings) throws -> TestCase.GivenReading {
        let name = try settings.optional(TestFields.tag)
        let value = try settings.optional(TestFields.value)
        let record = try settings.optional(TestFields.record)
        guard let name, (value == nil) != (record == nil) else {
            throw CheckFault(
                SettingsFailures.testStep, at: settings.location, "a reading has a tag, and a value or a record",
                suggestion: "write it like { tag: ppartcount, value: 17 } or { tag: JobTerminated, record: { … } }")
        }
        if let record, record.object == nil {
            throw CheckFault(
                SettingsFailures.testStep, at: settings.locations["record"] ?? settings.location,
                "a record has fields with values")
        }
        let read: Reading.Value =
            if let fields = record?.object {
                .record(fields)
            } else if let value, !value.isNull {
                .value(value)
            } else {
                .unavailable
            }
        return TestCase.GivenReading(
            asset: try settings.optional(TestFields.asset).map { AssetID($0) }, name: name, value: read,
            time: try settings.values[TestFields.time.spec.name].map { _ in try instant(settings, TestFields.time) })
    }

    // MARK: - What must come out

    private mutating func expectation(_ settings: Settings, _ node: SettingsNode) throws -> [TestCase.Section: JSON] {
        var sections: [TestCase.Section: JSON] = [:]
        if let events = try settings.optional(TestFields.expectedEvents) {
            sections[.events] = .array(try events.map { try Self.event($0, settings) })
        }
        if let commands = try settings.optional(TestFields.commands) {
            resolveTargets(node[TestFields.commands.spec.name])
            var byTarget = JSONObject()
            for (target, list) in commands {
                byTarget[target] = .array(list.map { Self.values($0, TestFields.ofCommand) })
            }
            sections[.commands] = .object(byTarget)
        }
        if let exceptions = try settings.optional(TestFields.exceptions) {
            sections[.exceptions] = .array(exceptions.map { Self.values($0, TestFields.ofException) })
        }
        if let contexts = try contexts(settings, TestFields.expectedContext, node) {
            sections[.context] = .object(contexts)
        }
        return sections
    }

    /// What is at hand by asset, as a field of `node` says it; nil where it is not given.
    private mutating func contexts(
        _ settings: Settings, _ field: Field<[NamedSettings]>, _ node: SettingsNode
    ) throws -> JSONObject? {
        guard let given = try settings.optional(field) else { return nil }
        let names = Set(
            folder.plants.flatMap { $0.assets.map(\.id.rawValue) }
                + folder.sources.map { $0.asset?.rawValue ?? $0.name.rawValue })
        for entry in node[field.spec.name]?.entries ?? [] where !names.contains(entry.key) {
            faults.append(
                CheckFault(
                    SettingsFailures.unknownAsset, at: entry.keyLocation,
                    "there is no asset \(entry.key.quotedBriefly)",
                    suggestion: NearestName.advice(
                        entry.key, among: names.sorted(), fallback: "add it to its plant in plants.yaml")))
        }
        var contexts = JSONObject()
        for asset in given { contexts[asset.name] = Self.values(asset.settings, TestFields.ofContext) }
        return contexts
    }

    private mutating func resolveTargets(_ node: SettingsNode?) {
        let names = folder.targets.map(\.name.rawValue)
        for entry in node?.entries ?? [] where !names.contains(entry.key) {
            faults.append(
                CheckFault(
                    SettingsFailures.unknownTarget, at: entry.keyLocation,
                    "there is no target \(entry.key.quotedBriefly)",
                    suggestion: NearestName.advice(entry.key, among: names, fallback: "the folder has no targets")))
        }
    }

    /// An expected event: what CloudEvents calls an attribute is text, however YAML reads it.
    private static func event(_ event: JSON, _ settings: Settings) throws -> JSON {
        guard let members = event.object else {
            throw CheckFault(
                SettingsFailures.testEvent,
                at: settings.locations[TestFields.expectedEvents.spec.name] ?? settings.location,
                "an expected event has keys with values")
        }
        var read = JSONObject()
        for (name, value) in members {
            switch value {
            case .number(let number) where name != "data": read[name] = .string(number.description)
            case .bool(let flag) where name != "data": read[name] = .string(flag ? "true" : "false")
            default: read[name] = value
            }
        }
        return .object(read)
    }

    private static func values(_ settings: Settings, _ fields: [FieldSpec]) -> JSON {
        var members = JSONObject()
        for field in fields {
            switch settings.values[field.name] {
            case .text(let text): members[field.name] = .string(text)
            case .json(let value): members[field.name] = value
            case .list(let values):
                members[field.name] = .array(
                    values.compactMap { if case .text(let text) = $0 { .string(text) } else { nil } })
            default: break
            }
        }
        return .object(members)
    }
}
