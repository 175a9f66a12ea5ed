package import Contracts

/// Where a jq program stands that is written within a YAML file.
package struct ProgramPlace: Sendable {
    private let node: SettingsNode
    private let source: SourceText?

    init(_ node: SettingsNode, source: SourceText?) {
        self.node = node
        self.source = source
    }

    /// Where a line and column of the program, both from 1, stand in the file; where the program begins if the way it
    /// is written does not let it be told.
    package func location(line: Int, column: Int) -> SettingLocation {
        ScalarPosition(node: node, source: source).location(line: line, column: column) ?? node.location
    }
}
