import Canonical
import Contracts
import ExactJSON
import NodeSettings

/// Compares what a map made with what its operation takes.
struct ArgumentCheck {
    /// What is wrong with one argument.
    struct Finding: Hashable {
        let kind: FailureKind
        let argument: String
        let reason: String
        let suggestion: String?
    }

    /// What an event was made of that is none, so that values say little.
    struct Made {
        /// The texts of its members, as they stand there.
        let texts: Set<String>
        /// The keys that the program gives objects by name.
        let keys: Set<String>
    }

    let operation: OperationSpec

    /// `made`: nil for a real event. Of one that is made up, only what no value could mend is a fault: a null may have
    /// a value, and what is worked out of a text may come out right.
    func findings(_ arguments: JSON, made: Made?) -> [Finding] {
        guard let members = arguments.object else { return [] }
        let names = operation.arguments.map(\.name)
        var findings: [Finding] = []
        // An operation without any takes whatever it is given.
        let unknown =
            names.isEmpty ? [] : members.keys.filter { !names.contains($0) && made?.keys.contains($0) ?? true }
        for name in unknown {
            findings.append(
                Finding(
                    kind: SettingsFailures.argumentUnknown, argument: name,
                    reason: "\(operation.name) has no argument \"\(name)\"",
                    suggestion: NearestName.of(name, among: names).map { "did you mean \($0)?" }
                        ?? "its arguments are: \(names.joined(separator: ", "))"))
        }
        let meant = Set(unknown.compactMap { NearestName.of($0, among: names) })
        for argument in operation.arguments {
            let value = members[argument.name]
            if let value, !value.isNull {
                findings += finding(argument, value, made).map { [$0] } ?? []
            } else if argument.isRequired, !meant.contains(argument.name),
                made.map({ value == nil && !$0.keys.contains(argument.name) }) ?? true
            {
                findings.append(
                    Finding(
                        kind: SettingsFailures.argumentMissing, argument: argument.name,
                        reason: "\(operation.name) needs \"\(argument.name)\" (\(argument.summary)), and the map makes "
                            + (value == nil ? "none" : "null of it"),
                        suggestion: operation.example[argument.name].map {
                            "let the map make it, like {\"\(argument.name)\": \($0)}"
                        }))
            }
        }
        return findings
    }

    private func finding(_ argument: OperationArgument, _ value: JSON, _ made: Made?) -> Finding? {
        let isRight: Bool
        let wanted: String
        switch argument.kind {
        case .text: (isRight, wanted) = (value.string != nil || value.number != nil, "text")
        case .quantity: (isRight, wanted) = (Quantity(value) != nil, "a quantity, {\"value\": number, \"unit\": text}")
        case .instant:
            let isTime = value.string.flatMap { Instant(text: $0) } != nil
            (isRight, wanted) = (isTime, "a time with a zone, like 2026-03-02T09:00:00Z")
        case .number:
            let number = value.number ?? value.string.flatMap { ExactNumber(text: $0) }
            (isRight, wanted) = (number != nil, "a number")
        case .boolean: (isRight, wanted) = (value.bool != nil, "true or false")
        case .list: (isRight, wanted) = (value.array != nil, "a list")
        case .any: (isRight, wanted) = (true, "")
        }
        guard !isRight, made.map({ isSure(argument.kind, value, $0) }) ?? true else { return nil }
        let shown = value.description
        return Finding(
            kind: SettingsFailures.argumentType, argument: argument.name,
            reason: "\(argument.name) of \(operation.name) takes \(wanted), and the map makes "
                + (shown.count > 60 ? shown.prefix(59) + "…" : shown),
            suggestion: operation.example[argument.name].map { "write it like \($0)" })
    }

    /// Whether no value of a made event's members could make it right.
    private func isSure(_ kind: OperationArgument.Kind, _ value: JSON, _ made: Made) -> Bool {
        switch kind {
        case .instant: value.string.map(made.texts.contains) ?? true
        case .number: value.string == nil
        case .quantity: value.object.map { object in object.values.allSatisfy { !$0.isNull } } ?? true
        default: true
        }
    }
}
