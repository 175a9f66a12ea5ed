import Contracts
import NodeSettings
import Routing

// What follows from an event: the flows of a folder, compiled for the running node and for the folder's tests alike.
extension Composition {
    /// What follows from an event, for each target that takes commands.
    static func plans(_ folder: NodeFolder) throws -> [RoutingPlan] {
        try folder.targets.compactMap { section in
            let spec = connectors.first { $0.role == .target && $0.name == section.protocolName }
            guard let spec, !spec.operations.isEmpty else { return nil }
            return try plan(section, in: folder, operations: spec.operations)
        }
    }

    /// The flows that lead to a target, compiled.
    static func plan(
        _ section: TargetSection, in folder: NodeFolder, operations: [OperationSpec]
    ) throws -> RoutingPlan {
        let flows = folder.flows.filter { $0.target == section.name }
        return RoutingPlan(
            target: section.name, rules: try flows.map { try FlowRule($0, in: folder) }, operations: operations,
            translations: try EventTranslations(folder), ownership: folder.ownership)
    }
}
