import Canonical
import Contracts
import NodeSettings
import World

/// Looks whether a settings folder changed, and hands out what is to run instead. What does not check is refused and
/// said, and what runs goes on.
struct SettingsWatch: Sendable {
    /// How often the folder is looked at. It must look the same twice: an editor may be in the middle of it.
    static let interval = Duration.seconds(1)

    /// The folder's files as they are now.
    let look: @Sendable () -> [NodeFolder.File]
    /// Reads and checks the folder.
    let read: @Sendable () -> FolderReport
    /// Whether what it says can be put to work: secrets, keys, certificates. Throws the reason where not.
    let tryOut: @Sendable (NodeFolder) throws -> Void
    /// Whether changes are looked for; else only when somebody asks.
    let watches: Bool
    let news: SettingsNews
    let world: World
    let say: @Sendable (String) -> Void

    /// Waits until the folder differs from `running` and can run.
    func next(after running: NodeFolder) async throws -> SettingsChanged {
        var seen = running.files
        while true {
            try await world.clock.sleep(for: Self.interval)
            let wasAsked = news.wasAsked()
            guard watches || wasAsked else { continue }
            let files = look()
            defer { seen = files }
            guard files != running.files else {
                // Put back as it runs: nothing is to be said of it any more.
                if news.refusal != nil { say("the settings folder is again as it runs: what was refused is gone") }
                news.accepted()
                if wasAsked { say("the settings folder is as it runs already") }
                continue
            }
            guard files == seen || wasAsked, files != news.refusal?.files || wasAsked else { continue }
            let report = read()
            // It changed once more meanwhile: it must look the same twice as it is now.
            guard report.files == files || wasAsked else { continue }
            do {
                guard let folder = report.folder else { throw CommandFailure(description: report.summary) }
                try accept(folder, in: running)
                news.accepted()
                return SettingsChanged(folder: folder, reason: wasAsked ? "signal" : "change")
            } catch {
                let reason = (error as? CommandFailure)?.description ?? "\(error)"
                news.refused(report.files, reason, at: world.clock.now())
                say("WARNING the changed settings are refused, the node goes on with those that run: \(reason)")
            }
        }
    }

    /// Throws where only another process could run the folder.
    private func accept(_ folder: NodeFolder, in running: NodeFolder) throws {
        guard folder.node.node == running.node.node, folder.node.store.path == running.node.store.path else {
            throw CommandFailure(
                description: "the node's name and its store are another's; stop the node, and start it with these")
        }
        try tryOut(folder)
    }
}

extension FolderReport {
    /// How many errors there are, and the first of them.
    var summary: String {
        let errors = faults.filter { $0.severity == .error }
        guard let first = errors.first else { return "no fault" }
        let more = errors.count > 1 ? " (and \(errors.count - 1) more; `millwright check` lists them)" : ""
        return "\(first.location): \(first.reason)\(more)"
    }
}
