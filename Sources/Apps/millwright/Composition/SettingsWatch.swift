import Canonical
import Console
import Contracts
import NodeSettings
import Store
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

    /// Waits until the folder differs from `running` and can run. `record` writes down what became of the wish of
    /// people to have it read, before they are told; the version that runs.
    func next(
        after running: NodeFolder, record: @Sendable (SettingsReload) async throws -> Int64?
    ) async throws -> SettingsChanged {
        var seen = running.files
        while true {
            try await world.clock.sleep(for: Self.interval)
            let (wasSignalled, isWished) = (news.wasAsked(), news.take())
            let wasAsked = wasSignalled || isWished
            guard watches || wasAsked else { continue }
            let files = look()
            defer { seen = files }
            guard files != running.files else {
                // Put back as it runs: nothing is to be said of it any more.
                if news.refusal != nil { say("the settings folder is again as it runs: what was refused is gone") }
                news.accepted()
                if wasAsked { say("the settings folder is as it runs already") }
                await settle(.unchanged, running, record: record)
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
                let image = SettingsImage(folder.files)
                news.attempt(
                    image.digest, changes: image.changes(since: SettingsImage(running.files)),
                    warnings: report.faults.map { ReloadFault($0) })
                return SettingsChanged(
                    folder: folder, reason: isWished ? "reload" : wasSignalled ? "signal" : "change")
            } catch {
                news.refused(report.files, error, at: world.clock.now())
                say("WARNING the changed settings are refused, the node goes on with those that run: \(error)")
                let faults = report.folder == nil ? report.faults.map { ReloadFault($0) } : [ReloadFault(error: error)]
                await settle(.refused, running, faults, record: record)
            }
        }
    }

    /// Tells those who asked for the look what came of it, once it is written down.
    private func settle(
        _ result: SettingsReload.Result, _ running: NodeFolder, _ faults: [ReloadFault] = [],
        record: (SettingsReload) async throws -> Int64?
    ) async {
        let people = news.people
        guard !people.isEmpty else { return }
        let digest = SettingsImage(running.files).digest
        let now = world.clock.now()
        let reason = ReloadReport(result, version: nil, digest: digest, faults: faults, time: now).reason
        do {
            let version = try await record(SettingsReload(result, by: people, reason: reason))
            news.settle(
                .settled(ReloadReport(result, version: version, digest: digest, faults: faults, time: now)))
        } catch {
            news.settle(.failed(error))
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
