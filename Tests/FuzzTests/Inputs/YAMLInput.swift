import Contracts

@testable import NodeSettings

/// One YAML file of settings. It is read or has faults, each at a place that the file has.
enum YAMLInput {
    private static let reader: YAMLReader = {
        var limits = SettingsLimits()
        limits.nodes = 500
        limits.depth = 16
        return YAMLReader(limits: limits)
    }()

    static func check(_ input: [UInt8]) throws {
        let source = SourceText(path: "plants.yaml", text: String(decoding: input, as: UTF8.self))
        let (root, faults) = reader.read(source)
        try require(root != nil || !faults.isEmpty, "neither read nor refused")
        try YAMLInput.check(faults) { _ in source }
    }

    /// Each fault that has a line has it in its file, and its column in the line.
    static func check(_ faults: [CheckFault], _ source: (_ file: String) -> SourceText?) throws {
        for fault in faults where fault.line > 0 {
            guard let source = source(fault.file) else { continue }
            let line = source.line(fault.line)
            try require(line != nil, "a fault beyond the file: \(fault)")
            let end = (line ?? "").unicodeScalars.count + 1
            try require((1...end).contains(fault.column), "a fault beyond its line: \(fault)")
        }
    }
}
