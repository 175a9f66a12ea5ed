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

    let operation: OperationSpec

    /// `isSure`: the event is a real one, so that a null is one as well; else what is null may have a value.
    func findings(_ arguments: JSON, isSure: Bool) -> [Finding] {
        guard let members = arguments.object else { return [] }
        let names = operation.arguments.map(\.name)
        var findings: [Finding] = []
        // An operation without any takes whatever it is given.
        let unknown = names.isEmpty ? [] : members.keys.filter { !names.contains($0) }
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
                findings += finding(argument, value).map { [$0] } ?? []
            } else if argument.isRequired, !meant.contains(argument.name), value == nil || isSure {
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

    private func finding(_ argument: OperationArgument, _ value: JSON) -> Finding? {
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
        guard !isRight else { return nil }
        let shown = value.description
        return Finding(
            kind: SettingsFailures.argumentType, argument: argument.name,
            reason: "\(argument.name) of \(operation.name) takes \(wanted), and the map makes "
                + (shown.count > 60 ? shown.prefix(59) + "…" : shown),
            suggestion: operation.example[argument.name].map { "write it like \($0)" })
    }
}
