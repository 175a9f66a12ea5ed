/// A node's settings folder, read and checked: everything in it fits together.
package struct NodeFolder: Sendable {
    /// One file as it was read, overlays included.
    package struct File: Sendable, Hashable {
        /// Below the settings folder: `flows/progress.yaml`.
        package let path: String
        package let bytes: [UInt8]
    }

    package let node: NodeSection
    /// Who has the last word about what; nil where the folder does not say.
    package let ownership: Ownership?
    package let plants: [Plant]
    package let sources: [SourceSection]
    package let flows: [FlowSection]
    package let targets: [TargetSection]
    /// The programs of `maps/` by path: `maps/progress.jq`.
    package let maps: [String: String]
    /// The tables of `crosswalks/` by name: `work-centers` for `crosswalks/work-centers.csv`.
    package let crosswalks: [String: Crosswalk]
    /// The event types that the folder's own schemas describe.
    package let eventTypes: [EventTypeSection]
    /// Everything that the folder's meaning depends on, by path, so that a caller can hash it.
    package let files: [File]
    /// Where each of ``crosswalks`` was read from, by name.
    package let crosswalkPaths: [String: String]

    /// The plant called `name`.
    package func plant(_ name: String) -> Plant? { plants.first { $0.name == name } }
}

/// What came of reading a folder.
package struct FolderReport: Sendable {
    /// The folder; nil where a fault is an error.
    package let folder: NodeFolder?
    /// Every fault of the folder, in file and line order.
    package let faults: [CheckFault]
    /// The files' texts by path, to show the lines that are wrong.
    package let sources: [String: SourceText]
    /// The files as they were read, whether they fit or not.
    package let files: [NodeFolder.File]

    /// The report with faults that were found in the folder's own parts.
    ///
    /// `texts`: of files beyond the settings' own, by path, to show the lines that are wrong.
    package func adding(_ more: [CheckFault], texts: [String: SourceText] = [:]) -> FolderReport {
        guard !more.isEmpty else { return self }
        let isUsable = !more.contains { $0.severity == .error }
        return FolderReport(
            folder: isUsable ? folder : nil, faults: (faults + more).sorted(),
            sources: sources.merging(texts) { own, _ in own }, files: files)
    }

    /// Whether the folder cannot be run.
    package var hasErrors: Bool { faults.contains { $0.severity == .error } }

    /// The faults as a person reads them.
    package func printed() -> String { FaultPrinter(sources: sources).print(faults) }
}
