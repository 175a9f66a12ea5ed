package import Contracts
import ExactJSON

/// Checks the specs themselves: what they say is shown to users, and must be whole and true.
package struct SpecLint {
    private let signals: FieldKind
    private let checkProgram: ProgramCheck

    /// A lint that checks examples with these signals and this jq compiler.
    package init(signals: FieldKind, checkProgram: @escaping ProgramCheck) {
        if case .list(let element) = signals { self.signals = element } else { self.signals = signals }
        self.checkProgram = checkProgram
    }

    /// What is wrong with a connector's spec, in sentences; empty where nothing is.
    package func faults(in spec: ConnectorSpec) -> [String] {
        var faults: [String] = []
        if (try? NameText.check(spec.name)) == nil { faults.append("the name \(spec.name.quotedBriefly) is malformed") }
        if !Self.isSentence(spec.summary) { faults.append("the summary is no sentence") }
        if spec.promises.isEmpty { faults.append("nothing is promised") }
        for promise in spec.promises where !Self.isSentence(promise) {
            faults.append("no sentence: \(promise.quotedBriefly)")
        }
        let reserved: Set = ["source", "target", "protocol", "plant", "asset", "lane", "strict", "signals", "breaker"]
        for field in spec.fields where reserved.contains(field.name) {
            faults.append("\(field.name) is a setting that every \(spec.role.rawValue) has")
        }
        faults += self.faults(in: spec.fields, below: "")
        for operation in spec.operations { faults += self.faults(in: operation) }
        if Set(spec.operations.map(\.name)).count < spec.operations.count {
            faults.append("two operations have one name")
        }
        if spec.role == .source, !spec.operations.isEmpty { faults.append("a source has no operations") }
        return (faults + exampleFaults(spec)).map { "\(spec.name): \($0)" }
    }

    /// What is wrong with a kind that belongs to no connector, such as the signals.
    package func faults(in kind: FieldKind, named name: String) -> [String] {
        nested(kind, name)
    }

    /// The example must be a whole file that checks clean; names of other things in it are not looked up.
    private func exampleFaults(_ spec: ConnectorSpec) -> [String] {
        let source = SourceText(path: "example.yaml", text: spec.example)
        let read = YAMLReader().read(source)
        guard let root = read.root, read.faults.isEmpty else { return read.faults.map(\.description) }
        let own = Set(spec.fields.map(\.name))
        let common = spec.role == .source ? SourceFields.all(signals: signals) : TargetFields.all
        var checker = SpecChecker(root: "/settings", sources: [source.path: source], checkProgram: checkProgram)
        _ = checker.settings(root, common.filter { !own.contains($0.name) } + spec.fields)
        var faults = checker.faults.sorted().map(\.description)
        if root["protocol"]?.text != spec.name { faults.append("the example is not of the protocol \(spec.name)") }
        return faults
    }

    private func faults(in fields: [FieldSpec], below path: String) -> [String] {
        var faults: [String] = []
        var names: Set<String> = []
        for field in fields {
            let name = SpecChecker.join(path, field.name)
            if !names.insert(field.name).inserted { faults.append("\(name) is there twice") }
            if !Self.isKey(field.name) { faults.append("\(name) is no key in camelCase") }
            if field.summary.isEmpty { faults.append("\(name) is not documented") }
            if field.isRequired, field.exampleText == nil { faults.append("\(name) is required and has no example") }
            if let text = field.defaultText, !fits(text, field.kind, asYAML: !Self.isScalar(field.kind)) {
                faults.append("the default of \(name) does not fit: \(text)")
            }
            if let text = field.example, !fits(text, field.kind, asYAML: true) {
                faults.append("the example of \(name) does not fit: \(text)")
            }
            faults += nested(field.kind, name)
        }
        return faults
    }

    private func nested(_ kind: FieldKind, _ name: String) -> [String] {
        switch kind {
        case .object(let fields): return faults(in: fields, below: name)
        case .list(let element), .oneOrMany(let element), .map(let element): return nested(element, name)
        case .choice(let choices):
            let words = choices.map(\.word)
            let undocumented = choices.filter(\.summary.isEmpty).map {
                "\(name): the word \($0.word) is not documented"
            }
            return undocumented
                + (Set(words).count < words.count || words.isEmpty ? ["\(name) has no words, or one twice"] : [])
        case .variants(let key, let variants):
            let words = variants.map(\.word)
            var faults =
                Set(words).count < words.count || words.isEmpty ? ["\(name) has no variants, or one twice"] : []
            for variant in variants {
                if variant.summary.isEmpty { faults.append("\(name) \(key)=\(variant.word) is not documented") }
                faults += self.faults(in: variant.fields, below: "\(name) \(key)=\(variant.word)")
            }
            return faults
        default: return []
        }
    }

    private func faults(in operation: OperationSpec) -> [String] {
        var faults: [String] = []
        if !Self.isSentence(operation.summary) { faults.append("the summary is no sentence") }
        if operation.promise.isEmpty { faults.append("nothing is promised") }
        for argument in operation.arguments where argument.summary.isEmpty {
            faults.append("the argument \(argument.name) is not documented")
        }
        let known = Set(operation.arguments.map(\.name))
        if let example = operation.example.object {
            for name in example.keys where !known.contains(name) {
                faults.append("the example has \(name), which is no argument")
            }
            for argument in operation.arguments where argument.isRequired && example[argument.name] == nil {
                faults.append("the example lacks \(argument.name)")
            }
        } else {
            faults.append("the example is no object")
        }
        for name in (operation.merge?.sums ?? []) + (operation.merge?.takesLatest ?? []) where !known.contains(name) {
            faults.append("the merge rule names \(name), which is no argument")
        }
        return faults.map { "\(operation.name): \($0)" }
    }

    private func fits(_ text: String, _ kind: FieldKind, asYAML: Bool) -> Bool {
        let source = SourceText(path: "example", text: text)
        var checker = SpecChecker(root: "/settings", sources: [:], checkProgram: checkProgram)
        var node = SettingsNode(
            content: .scalar(text, .plain), location: SettingLocation(file: "example", line: 1, column: 1))
        if asYAML {
            let read = YAMLReader().read(source)
            guard let root = read.root, read.faults.isEmpty else { return false }
            node = root
        }
        return checker.value(node, kind, name: "example", example: nil) != nil && checker.faults.isEmpty
    }

    private static func isScalar(_ kind: FieldKind) -> Bool {
        switch kind {
        case .json, .list, .oneOrMany, .map, .object, .variants: false
        default: true
        }
    }

    private static func isSentence(_ text: String) -> Bool { text.count > 2 && text.last == "." }

    private static func isKey(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, ("a"..."z").contains(first) else { return false }
        return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
}
