import NodeSettings

/// What can be known of a folder from its settings alone, once each of its files is right: a node that starts looks at
/// this as well.
struct FolderKnowledge {
    private let folder: NodeFolder

    init(_ folder: NodeFolder) { self.folder = folder }

    var faults: [CheckFault] {
        let sources = FactSources(folder)
        return ReachCheck(sources: sources).faults + CycleCheck(sources: sources).faults
            + OwnershipCheck(sources: sources).faults + ClashCheck(folder).faults + UnitCheck(folder).faults
            + CrosswalkCheck(sources: sources).faults + ListenerCheck(folder).faults + EndpointCheck(folder).faults
    }
}
