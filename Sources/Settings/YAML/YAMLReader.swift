import Contracts
import Yams

/// Reads one YAML file into ``SettingsNode``s and says everything that is wrong with its form.
///
/// Yams composes the tree; this type keeps it within bounds, keeps each scalar's raw text, and goes on after duplicate
/// keys, where Yams gives up.
package struct YAMLReader: Sendable {
    private let limits: SettingsLimits

    /// A reader within these bounds.
    package init(limits: SettingsLimits = SettingsLimits()) {
        self.limits = limits
    }

    /// The file's one document, or nil where it has none that can be read; then `faults` says why.
    package func read(_ source: SourceText) -> (root: SettingsNode?, faults: [CheckFault]) {
        let guarding = YAMLGuard(limits: limits)
        let refusals = guarding.refusals(of: source)
        guard refusals.isEmpty else { return (nil, refusals) }

        var repair = DuplicateKeyRepair(text: source.text)
        while true {
            do {
                let parser = try Yams.Parser(yaml: repair.text, resolver: .basic, encoding: .utf8)
                guard let root = try parser.nextRoot() else {
                    return (nil, [emptyFile(source)])
                }
                var builder = NodeBuilder(source: source, limits: limits, restored: repair.restored)
                let node = builder.build(root)
                return (node, builder.faults + furtherDocuments(parser, source))
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                if repair.restored.count < limits.duplicateKeys, repair.renameFirst(of: keys, at: context.mark) {
                    continue
                }
                let place = SyntaxFault(source: source).clamped(context.mark)
                let names = keys.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
                return (
                    nil, [CheckFault(SettingsFailures.duplicateKey, at: place, "keys are given twice here: \(names)")]
                )
            } catch {
                return (nil, [SyntaxFault(source: source).fault(for: error)])
            }
        }
    }

    private func emptyFile(_ source: SourceText) -> CheckFault {
        CheckFault(
            SettingsFailures.documents, at: SettingLocation(file: source.path, line: 1, column: 1),
            "the file has no settings in it", suggestion: "write the settings, or remove the file")
    }

    /// A fault where something stands behind the first document.
    private func furtherDocuments(_ parser: Yams.Parser, _ source: SourceText) -> [CheckFault] {
        do {
            guard let second = try parser.nextRoot() else { return [] }
            let place =
                second.mark.map { SyntaxFault(source: source).clamped($0) }
                ?? SettingLocation(file: source.path, line: 1, column: 1)
            return [
                CheckFault(
                    SettingsFailures.documents, at: place, "a second YAML document begins here, and would not be read",
                    suggestion: "move it to a file of its own, or remove the --- above it")
            ]
        } catch YamlError.duplicatedKeysInMapping(_, let context) {
            let place = SyntaxFault(source: source).clamped(context.mark)
            return [
                CheckFault(
                    SettingsFailures.documents, at: place, "a second YAML document stands here, and would not be read",
                    suggestion: "move it to a file of its own, or remove the --- above it")
            ]
        } catch {
            return [SyntaxFault(source: source).fault(for: error)]
        }
    }
}
