import Canonical
import Console
import Contracts
import NodeSettings
import Store
import Synchronization

/// What is to be said of the settings: which run, since when, and why newer ones do not; and who wants them to be read.
final class SettingsNews: Sendable {
    /// Settings that were refused.
    struct Refusal: Sendable, Hashable {
        let time: Instant
        /// The faults in a few words.
        let reason: String
        let files: [NodeFolder.File]
    }

    private let last = Mutex<Refusal?>(nil)
    private let wanted = Mutex(false)
    private let line = Mutex(ReloadLine())

    /// Why the folder as it stands now does not run; nil where it does.
    var refusal: Refusal? { last.withLock { $0 } }

    func refused(_ files: [NodeFolder.File], _ error: any Error, at time: Instant) {
        last.withLock { $0 = Refusal(time: time, reason: "\(error)", files: files) }
        let (digest, fault) = (SettingsImage(files).digest, ReloadFault(error: error))
        line.withLock { $0.refuse(digest, fault) }
    }
    func accepted() { last.withLock { $0 = nil } }

    /// A signal wants the folder to be read now, whether it changed or not.
    func ask() { wanted.withLock { $0 = true } }

    /// Whether one does; asked once.
    func wasAsked() -> Bool {
        wanted.withLock { wanted in
            defer { wanted = false }
            return wanted
        }
    }

    // MARK: - People who ask, and wait for what becomes of it: see ``ReloadLine``

    func ask(by person: String) -> Int? { line.withLock { $0.ask(by: person) } }
    func standing(of number: Int) -> SettingsReloader.Standing { line.withLock { $0.standing(of: number) } }
    func close() { line.withLock { $0.close() } }

    func take() -> Bool { line.withLock { $0.take() } }
    var people: [String] { line.withLock { $0.people } }
    func settle(_ outcome: ReloadOutcome) { line.withLock { $0.settle(outcome) } }
    func attempt(_ digest: String, changes: [String], warnings: [ReloadFault]) {
        line.withLock { $0.attempt(digest, changes: changes, warnings: warnings) }
    }

    func move() { line.withLock { $0.move() } }
    func arrive() { line.withLock { $0.arrive() } }
    func resume(_ digest: String) -> SettingsReload? { line.withLock { $0.resume(digest) } }
    func began(_ digest: String, version: Int64?, at time: Instant) {
        line.withLock { $0.began(digest, version: version, at: time) }
    }
}

extension SettingsImage {
    /// The files of a folder. `reason`: why they run.
    init(_ files: [NodeFolder.File], reason: String = "") {
        self.init(files.map { ($0.path, $0.bytes) }, reason: reason)
    }
}

extension ReloadFault {
    /// A fault of the folder's files.
    init(_ fault: CheckFault) {
        let isPlace = fault.line > 0
        self.init(
            file: fault.file, line: isPlace ? fault.line : nil, column: isPlace ? fault.column : nil, code: fault.code,
            isWarning: fault.severity == .warning, message: fault.reason, suggestion: fault.suggestion)
    }

    /// What keeps a folder without faults from running here.
    init(error: any Error) {
        guard let failure = error as? Failure else {
            self.init(message: "\(error)")
            return
        }
        self.init(code: failure.kind.code, message: failure.message, suggestion: failure.suggestion)
    }
}
