import Canonical
import Contracts

/// Takes every event and keeps none: what a node's own speed is measured with.
struct NullStream: StreamTarget {
    static let spec = ConnectorSpec(
        name: "null", role: .target, summary: "Takes every event and keeps none. For measuring.", fields: [],
        example: "target: nowhere\nprotocol: null\n", promises: ["Nothing is kept."])

    let name: TargetName

    func forward(_ segment: JournalSegment) async throws -> StreamProgress { StreamProgress(position: segment.last) }
}
