import Canonical
import Contracts

extension FolderCheck {
    /// What must fit within a flow, and between a flow and its target.
    mutating func checkFlow(_ flow: CheckedFile) {
        checkTypes(flow)
        checkKey(flow)
        if let first = flow.root["map"], let second = flow.root["jq"] {
            let later =
                (first.location.line, first.location.column) < (second.location.line, second.location.column)
                ? second : first
            fault(
                SettingsFailures.contradiction, at: later.location,
                "the flow has both map and jq, and one program makes its command")
        }
        if case .object(let retry)? = flow.settings.values["retry"], let base = try? retry(FlowFields.base),
            let cap = try? retry(FlowFields.cap), base > cap
        {
            fault(
                SettingsFailures.contradiction, at: retry.locations["base"] ?? retry.locations["cap"] ?? retry.location,
                "retry.base is \(DurationText.format(base)), longer than retry.cap, \(DurationText.format(cap))",
                suggestion:
                    "make base at most \(DurationText.format(cap)), or cap at least \(DurationText.format(base))")
        }
        checkSync(flow)
        guard let name = flow.root["target"]?.text, let target = targets.first(where: { $0.name == name }),
            let connector = target.connector
        else { return }
        if connector.operations.isEmpty {
            checkStream(flow, connector)
        } else {
            checkOperation(flow, connector, target: name)
        }
    }

    /// What waits for its batch must not be too old when its time comes.
    private mutating func checkSync(_ flow: CheckedFile) {
        guard let sync = try? flow.settings.optional(FlowFields.sync),
            let expires = try? flow.settings.optional(FlowFields.expires)
        else { return }
        let wait: Duration
        if let text = try? sync.optional(FlowFields.at), let times = try? CronText.parse(text) {
            wait = .seconds(times.longestGap * 60)
        } else if let age = try? sync.optional(FlowFields.age) {
            wait = age
        } else {
            return
        }
        guard expires < wait else { return }
        fault(
            SettingsFailures.contradiction, at: flow.place("expires"),
            "expires is \(DurationText.format(expires)), and a command may wait \(DurationText.format(wait)) for "
                + "its batch",
            suggestion: "write at least \(DurationText.format(wait))")
    }

    private mutating func checkTypes(_ flow: CheckedFile) {
        guard let node = flow.root["when"]?["type"] else { return }
        let types = FactShape.all.map(\.type) + userTypes
        for element in node.elements ?? [node] {
            guard let text = element.text, !text.isEmpty else { continue }
            do {
                let pattern = try TypePattern(text)
                guard !types.contains(where: pattern.matches) else { continue }
                fault(
                    SettingsFailures.noSuchType, .warning, at: element.location,
                    "no event type matches \(text.quotedBriefly)", suggestion: nearestType(text, types))
            } catch {
                fault(
                    error.kind, at: element.location, "when.type \(error.reason)",
                    suggestion: error.suggestion ?? error.kind.remedy)
            }
        }
    }

    /// The event types that the folder's own schemas describe: `schemas/acme.press.closed.v1.json`.
    var userTypes: [String] {
        keys(in: "schemas").filter { $0.hasSuffix(".json") }.map(Self.stem).filter { EventTypeName($0) != nil }
    }

    private func nearestType(_ text: String, _ types: [String]) -> String {
        if types.contains(where: { $0.hasPrefix(text + ".v") }) {
            return "did you mean \"\(text).*\"? Types end in their version"
        }
        let isOpen = text.hasSuffix(".*")
        let wanted = isOpen ? String(text.dropLast(2)) : text
        let candidates = isOpen ? types.map { String($0.prefix(upTo: $0.lastIndex(of: ".") ?? $0.endIndex)) } : types
        guard let nearest = NearestName.of(wanted, among: candidates) else {
            return
                "types are called like millwright.production.completed.v1; those of your own need a schema in schemas/"
        }
        return "did you mean \"\(nearest)\(isOpen ? ".*" : "")\"?"
    }

    private mutating func checkKey(_ flow: CheckedFile) {
        guard let node = flow.root["key"], let text = node.text, text != FlowFields.subjectKey, !node.isEmpty else {
            return
        }
        var checker = SpecChecker(root: files.root, sources: texts, checkProgram: reader.checkProgram)
        _ = checker.scalar(node, text, .jq, name: "key", example: FlowFields.key.spec.example)
        report(checker.faults)
        note(checker.programs)
    }

    /// A target that takes events as they stand has nothing to map.
    private mutating func checkStream(_ flow: CheckedFile, _ connector: ConnectorSpec) {
        for key in ["operation", "map", "jq", "coalesce", "conflictKeys", "sync", "shadow"] {
            guard flow.root[key] != nil else { continue }
            fault(
                SettingsFailures.contradiction, at: flow.place(key),
                "the flow has \(key), and a target of the protocol \(connector.name) takes events as they stand",
                suggestion: "remove \(key)")
        }
    }

    private mutating func checkOperation(_ flow: CheckedFile, _ connector: ConnectorSpec, target: String) {
        let names = connector.operations.map(\.name)
        guard let node = flow.root["operation"] else {
            guard !flow.given.contains("operation") else { return }
            fault(
                SettingsFailures.operationMissing, at: flow.place("target"),
                "the flow does not say what the target \(target.quotedBriefly) is to do",
                suggestion:
                    "add operation: \(names.count == 1 ? names[0] : "…"), one of: \(names.joined(separator: ", "))")
            return
        }
        guard let text = node.text, !text.isEmpty else { return }
        guard let operation = connector.operations.first(where: { $0.name == text }) else {
            fault(
                SettingsFailures.unknownOperation, at: node.location,
                "\(text.quotedBriefly) is no operation of target \(target.quotedBriefly) (protocol \(connector.name))",
                suggestion: NearestName.advice(text, among: names, fallback: "it has none"))
            return
        }
        let required = operation.arguments.filter(\.isRequired).map(\.name)
        if !required.isEmpty, flow.given.isDisjoint(with: ["map", "jq"]) {
            fault(
                SettingsFailures.mapMissing, at: node.location,
                "\(text) needs \(required.joined(separator: ", ")), and the flow has no map that makes them")
        }
        if operation.merge == nil, flow.root["coalesce"] != nil {
            fault(
                SettingsFailures.contradiction, at: flow.place("coalesce"),
                "the flow coalesces, and commands of \(text) each stand alone", suggestion: "remove coalesce")
        }
    }
}
