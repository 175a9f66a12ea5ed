package import Contracts
import ExactJSON

/// Makes the pages of the reference from the specs that also check the settings.
package enum Reference {
    /// The page of one connector: its settings, what it can do, what it promises, and an example that works.
    package static func markdown(for spec: ConnectorSpec) -> String {
        var page = "# `\(spec.name)` (\(spec.role.rawValue))\n\n\(spec.summary)\n\n"
        page += "## Settings\n\n" + (spec.fields.isEmpty ? "It has none of its own.\n" : table(spec.fields))
        page += "\nBeside these, every \(spec.role.rawValue) has:\n\n" + table(common(spec))
        if !spec.operations.isEmpty {
            page += "\n## Operations\n"
            for operation in spec.operations { page += section(operation) }
        }
        if !spec.queries.isEmpty {
            page += "\n## Questions\n"
            for query in spec.queries { page += section(query) }
        }
        page += "\n## What is promised\n\n" + spec.promises.map { "- \($0)\n" }.joined()
        page += "\n## Example\n\n```yaml\n\(spec.example.trimmingLines)\n```\n"
        return page
    }

    /// The page of a file that every node has: its keys.
    package static func markdown(title: String, summary: String, fields: [FieldSpec]) -> String {
        "# \(title)\n\n\(summary)\n\n" + table(fields)
    }

    /// The page of all faults of a settings folder, by code.
    package static func faults() -> String {
        let rows = SettingsFailures.all + [CrosswalkMiss.kind]
        return "# Faults of a settings folder\n\n| code | what is wrong | what to do |\n| --- | --- | --- |\n"
            + rows.map { "| `\($0.code)` | \(cell($0.title)) | \(cell($0.remedy)) |\n" }.joined()
    }

    /// The keys that every file of the connector's role has, less those that it describes itself.
    static func common(_ spec: ConnectorSpec) -> [FieldSpec] {
        let own = Set(spec.fields.map(\.name))
        let all = spec.role == .source ? SourceFields.all(signals: .text) : TargetFields.all
        return all.filter { !own.contains($0.name) }
    }

    private static func table(_ fields: [FieldSpec]) -> String {
        "| setting | takes | default | meaning |\n| --- | --- | --- | --- |\n"
            + fields.map { rows($0, below: "") }.joined()
    }

    private static func rows(_ field: FieldSpec, below path: String) -> String {
        let name = path + field.name
        // The signals have a page of their own.
        let takes = path.isEmpty && field.name == "signals" ? "a list, by `role`" : takes(field.kind)
        let standard = field.isRequired ? "**required**" : field.defaultText.map { $0 == "{}" ? "" : "`\($0)`" } ?? ""
        let example = field.example.map { ", for example `\($0)`" } ?? ""
        return "| `\(name)` | \(cell(takes)) | \(cell(standard)) | \(cell(field.summary + example)) |\n"
            + nested(field.kind, below: name)
    }

    private static func nested(_ kind: FieldKind, below path: String) -> String {
        switch kind {
        case .object(let fields): fields.map { rows($0, below: path + ".") }.joined()
        case .list(let element), .oneOrMany(let element): nested(element, below: path + "[]")
        case .map(let element): nested(element, below: path + ".*")
        case .variants(let key, let variants):
            variants.map { variant in
                "| `\(path)` with `\(key): \(variant.word)` | keys with values | | \(cell(variant.summary)) |\n"
                    + variant.fields.filter { $0.name != key }.map { rows($0, below: path + ".") }.joined()
            }.joined()
        default: ""
        }
    }

    private static func takes(_ kind: FieldKind) -> String {
        guard case .choice(let choices) = kind else { return kind.expected }
        return choices.map { "`\($0.word)`" + ($0.summary.isEmpty ? "" : ": \($0.summary)") }.joined(separator: "; ")
    }

    private static func section(_ operation: OperationSpec) -> String {
        var text = "\n### `\(operation.name)`\n\n\(operation.summary)\n\n"
        text += table(operation.arguments)
        text += "\nPromise: \(operation.promise).\n".replacing("..", with: ".")
        if let needs = operation.needs { text += "\nNeeds: \(needs).\n" }
        if let merge = operation.merge {
            let latest = merge.takesLatest.isEmpty ? "" : "; of \(words(merge.takesLatest)) the later counts"
            text +=
                "\nSeveral of a key may become one: \(words(merge.sums)) add up\(latest); the rest must be equal.\n"
        }
        return text + "\n```json\n\(operation.example.description)\n```\n"
    }

    private static func section(_ query: QuerySpec) -> String {
        let example = query.example.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        return "\n### `\(query.name)`\n\n\(query.summary)\n\n" + table(query.arguments)
            + "\nAnswers: \(query.answer).\n\nNeeds: \(query.needs).\n"
            + "\n```text\nGET /v1/targets/TARGET/answers/\(query.name)?\(example)\n```\n"
    }

    private static func table(_ arguments: [OperationArgument]) -> String {
        guard !arguments.isEmpty else { return "It takes no arguments.\n" }
        var text = "| argument | takes | | meaning |\n| --- | --- | --- | --- |\n"
        for argument in arguments {
            let required = argument.isRequired ? "**required**" : ""
            text += "| `\(argument.name)` | \(argument.kind) | \(required) | \(cell(argument.summary)) |\n"
        }
        return text
    }

    private static func words(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

    /// Text that may stand in a cell: a bar would end it.
    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}

extension String {
    /// Without empty lines at both ends.
    fileprivate var trimmingLines: String {
        var lines = split(separator: "\n", omittingEmptySubsequences: false)
        while lines.last?.allSatisfy(\.isWhitespace) ?? false { lines.removeLast() }
        while lines.first?.allSatisfy(\.isWhitespace) ?? false { lines.removeFirst() }
        return lines.joined(separator: "\n")
    }
}
