package import Contracts
package import World

/// Reads a node's settings folder into one checked value, or says everything that is wrong with it.
package struct FolderReader: Sendable {
    let disk: any Disk
    /// By role and name.
    let connectors: [ConnectorSpec]
    /// What one signal is: `.variants(by: "role", …)`.
    let signals: FieldKind
    let checkProgram: ProgramCheck
    let limits: SettingsLimits

    /// A reader that knows these connectors. `signals` describes one signal, or the list of them; `checkProgram`
    /// compiles jq programs.
    package init(
        disk: any Disk, connectors: [ConnectorSpec], signals: FieldKind, limits: SettingsLimits = SettingsLimits(),
        checkProgram: @escaping ProgramCheck
    ) {
        self.disk = disk
        self.connectors = connectors
        if case .list(let element) = signals { self.signals = element } else { self.signals = signals }
        self.limits = limits
        self.checkProgram = checkProgram
    }

    /// Reads `folder`, with the values of `overlays/<overlay>` over its own. Starts nothing, and looks at nothing
    /// outside the folder.
    package func read(_ folder: String, overlay: String? = nil) -> FolderReport {
        let (files, isThere) = readFiles(folder, overlay)
        guard isThere else { return report(nil, files.faults, files) }
        var check = FolderCheck(reader: self, files: files)
        check.run()
        var faults = files.faults + check.faults
        var result: NodeFolder?
        if !faults.contains(where: { $0.severity == .error }) {
            do {
                result = try check.assembled()
            } catch {
                // What was checked by its spec reads by its fields; where not, the spec and the field differ.
                faults.append(CheckFault(error))
            }
        }
        return report(result, faults, files)
    }

    /// The files alone, by path, as ``read(_:overlay:)`` would read them: cheap, to see whether anything changed.
    package func files(_ folder: String, overlay: String? = nil) -> [NodeFolder.File] {
        readFiles(folder, overlay).files.all
    }

    private func readFiles(_ folder: String, _ overlay: String?) -> (files: FolderFiles, isThere: Bool) {
        var root = folder
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        var files = FolderFiles(disk: disk, limits: limits, root: root)
        let isThere = files.read(overlay: overlay)
        return (files, isThere)
    }

    private func report(_ folder: NodeFolder?, _ faults: [CheckFault], _ files: FolderFiles) -> FolderReport {
        var sorted = Array(Set(faults)).sorted()
        if sorted.count > limits.faults {
            let left = sorted.count - limits.faults
            sorted.removeLast(left)
            if let last = sorted.last {
                sorted.append(
                    CheckFault(
                        SettingsFailures.tooLarge, at: last.location, "\(left) further faults are not listed",
                        suggestion: "correct those above, and check again"))
            }
        }
        var sources: [String: SourceText] = [:]
        for file in [files.base.values, files.overlay.values].joined() { sources[file.path] = file.source }
        return FolderReport(folder: folder, faults: sorted, sources: sources, files: files.all)
    }
}

extension CheckFault {
    /// A fault that only a connector could find in its settings.
    package init(_ fault: SettingFault) {
        self.init(SettingsFailures.connector, at: fault.location, fault.reason, suggestion: fault.suggestion)
    }
}
