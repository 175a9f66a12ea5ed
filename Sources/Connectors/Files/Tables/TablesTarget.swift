package import Canonical
package import Contracts
import ExactJSON
package import World

/// Writes commands as rows into files: CSV, fields of fixed width, or JSON Lines.
///
/// Before each change its intent is stored beside the files, with the length and the digest of what will be written.
/// After a crash the files themselves show what became of it: so each command stands in them once, whenever the process
/// is killed.
package actor TablesTarget: Target {
    package nonisolated let name: TargetName
    /// Nobody else writes these files: what is not there now will not come.
    package nonisolated let settlingTime = Duration.zero
    /// Rows of one command.
    static let maximumRows = 10_000
    /// Bytes of the position file that are read at most: many times what is stored now; earlier versions stored keys
    /// whole.
    private static let maximumState = 64 << 20

    private let layout: TableLayout
    private let files: TableFiles

    /// Checks the settings and opens nothing.
    package init(name: TargetName, settings: Settings, world: World) throws(SettingFault) {
        self.name = name
        layout = try TableLayout(settings)
        files = try TableFiles(settings, world: world, maximumState: Self.maximumState)
    }

    package static var operations: [OperationSpec] { FilesSpec.tables.operations }

    /// Makes the rows, and refuses what cannot be written whole.
    package func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        do throws(Failure) {
            let (bytes, rows) = try content(command)
            if command.mayBeDone, !command.isDecided {
                do throws(DiskFailure) {
                    if let place = try files.place(of: command.idempotencyKey) {
                        return .settled(.accepted(acceptance(place, rows)))
                    }
                } catch { return .settled(.deferred(Self.deferral(error))) }
                return .settled(
                    .rejected(
                        Failure(FilesFailures.maybeWritten, "rows of \(command.key) may stand in \(files.folder)")))
            }
            return .ready(intent: ["rows": .int(rows), "bytes": .int(bytes.count)])
        } catch { return .settled(.rejected(error)) }
    }

    /// Writes the rows, and answers when they survive a power cut.
    package func perform(_ attempt: Attempt) async -> Outcome {
        let content: (bytes: [UInt8], rows: Int)
        let header: [UInt8]
        do {
            content = try self.content(attempt.command)
            header = try Self.failing { () throws(RowRefusal) in try layout.header() }
        } catch { return .rejected(error) }
        do throws(DiskFailure) {
            let place = try files.write(
                content.bytes, header: header, key: Self.key(attempt.command), started: attempt.started)
            return .accepted(acceptance(place, content.rows))
        } catch {
            let deferral = Self.deferral(error)
            // Looked at once more here: what is not there now was not done, and a full disk is waited for.
            switch try? files.fate(of: Self.key(attempt.command), started: attempt.started) {
            case .written(let place)?: return .accepted(acceptance(place, content.rows))
            case .absent?: return .deferred(deferral)
            default: return .unknown(deferral.failure)
            }
        }
    }

    /// Looks into the files.
    package func inquire(_ attempt: Attempt) async -> Inquiry {
        do throws(DiskFailure) {
            switch try files.fate(of: Self.key(attempt.command), started: attempt.started) {
            case .written(let place): return .happened(acceptance(place, attempt.intent["rows"]?.int ?? 1))
            case .absent: return .notFound
            case .lost(let path):
                return .cannotTell(
                    Failure(FilesFailures.maybeWritten, "\(path) was taken away while a row was written to it"))
            case .forgotten:
                return .cannotTell(
                    Failure(
                        FilesFailures.maybeWritten,
                        """
                        \(TablesState.remembered) commands or more were written since \(attempt.started), and whether \
                        the rows of \(attempt.command.key) were is not remembered; they would stand in \(files.folder)
                        """))
            }
        } catch { return .deferred(Self.deferral(error)) }
    }

    /// What a person sends again is written again.
    private static func key(_ command: Command) -> String { TablesState.key(command.idempotencyKey, command.id) }

    private func content(_ command: Command) throws(Failure) -> (bytes: [UInt8], rows: Int) {
        let arguments = command.arguments
        let one = arguments["row"].flatMap { $0.isNull ? nil : $0 }
        let many = arguments["rows"].flatMap { $0.isNull ? nil : $0 }
        guard (one == nil) != (many == nil), let rows = one.map({ [$0] }) ?? many?.array else {
            throw Failure(FilesFailures.row, "the map must make row, an object, or rows, a list of objects")
        }
        guard !rows.isEmpty, rows.count <= Self.maximumRows else {
            throw Failure(FilesFailures.row, "there are \(rows.count) rows, and there may be 1 to \(Self.maximumRows)")
        }
        var bytes: [UInt8] = []
        for row in rows { bytes += try Self.failing { () throws(RowRefusal) in try layout.row(row) } }
        return (bytes, rows.count)
    }

    private static func failing<Value>(_ body: () throws(RowRefusal) -> Value) throws(Failure) -> Value {
        do {
            return try body()
        } catch { throw Failure(FilesFailures.row, "\(error.column) \(error.reason)") }
    }

    private func acceptance(_ place: TablesState.Written, _ rows: Int) -> Acceptance {
        Acceptance(
            reference: "\(place.file):\(place.offset)",
            summary: "\(rows) \(rows == 1 ? "row" : "rows") in \(files.folder)/\(place.file)")
    }

    private static func deferral(_ failure: DiskFailure) -> Deferral {
        let kind = failure.operation == TableFiles.understanding ? FilesFailures.writeState : FilesFailures.write
        return Deferral(
            Failure(kind, "\(failure)"), after: failure.reason == .full ? .seconds(30) : nil, isTargetDown: true)
    }
}
