import ArgumentParser
import Contracts
import Foundation
import NodeSettings
import OdooConnector
import World
import WorldLive

struct OdooSyncCrosswalkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync-crosswalk",
        abstract: "Drafts tables for crosswalks/ from the codes that Odoo has.",
        discussion: """
            Reads what commands name records by: products by internal reference, work centers by code or name, \
            locations by full name, units and loss reasons by name, partners by reference. Rows of the folder's own \
            crosswalk stand first, as they are; behind them stands a row with an empty key for each code that none \
            leads to. Fill in the keys that your machines say, remove the other rows, and let `millwright check` look: \
            it names each key that is still empty. Changes nothing in Odoo, and no file that is there.
            """)

    /// Files of one table in one folder.
    private static let maximumDrafts = 99

    @OptionGroup var options: FolderOptions
    @Argument(help: "The target.") var target: String
    @Option(
        help: "One table: products, work-centers, locations, units, losses or partners; needed without --output.")
    var table: String?
    @Option(help: "The crosswalk of the folder whose rows are kept, where it is not called like the table.")
    var crosswalk: String?
    @Option(help: "A folder for one file a table, with a number where one is there already. Else it is printed.")
    var output: String?

    func run() async throws {
        let tables = try chosen()
        let folder = try options.load()
        if let crosswalk, folder.crosswalks[crosswalk] == nil {
            let names = folder.crosswalks.keys.sorted().joined(separator: ", ")
            throw CommandFailure(
                description: "the folder has no crosswalk \"\(crosswalk)\"; it has: \(names.isEmpty ? "none" : names)",
                code: 2)
        }
        let targets = try Composition.odooTargets(
            folder, target: target, world: World.live(), environment: ProcessInfo.processInfo.environment)
        for one in targets {
            for table in tables {
                let listing: OdooCodeList.Listing
                do throws(Failure) {
                    listing = try await one.codes.listing(of: table)
                } catch {
                    // An Odoo without Manufacturing has products all the same.
                    let isMissing = [OdooFailures.missingModel, OdooFailures.rights].contains(error.kind)
                    guard tables.count > 1, isMissing else { throw error }
                    Output.note("\(table.rawValue): \(error)")
                    continue
                }
                let draft = Self.draft(listing, folder.crosswalks[crosswalk ?? table.rawValue])
                try hand(draft, table)
                Self.tell(draft, table, listing)
            }
        }
    }

    private func chosen() throws -> [CodeTable] {
        guard let table else {
            guard output != nil, crosswalk == nil else {
                throw CommandFailure(
                    description: "name one table with --table: \(Self.names)"
                        + (output == nil ? "; or a folder for all of them with --output" : ""), code: 2)
            }
            return CodeTable.allCases
        }
        guard let one = CodeTable(rawValue: table) else {
            throw CommandFailure(description: "there is no table \"\(table)\"; there are: \(Self.names)", code: 2)
        }
        return [one]
    }

    private static let names = CodeTable.allCases.map(\.rawValue).joined(separator: ", ")

    private static func draft(_ listing: OdooCodeList.Listing, _ existing: Crosswalk?) -> CrosswalkDraft {
        guard let existing else { return CrosswalkDraft(listing.codes) }
        let known = existing.rows.sorted { $0.value.line < $1.value.line }.map { key, row in
            CrosswalkDraft.Row(key: key, value: row.value, note: row.note ?? "")
        }
        return CrosswalkDraft(listing.codes, keyColumns: existing.keyColumns, known: known)
    }

    // MARK: - Where it goes

    private func hand(_ draft: CrosswalkDraft, _ table: CodeTable) throws {
        guard let output else {
            // Names from Odoo must not steer a terminal; a file gets them as they are.
            if isatty(STDOUT_FILENO) == 1 { return Output.say(String(draft.text.dropLast())) }
            return StandardStream.output.write(Array(draft.text.utf8))
        }
        let folder = URL(fileURLWithPath: output).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(description: "the folder \(folder) cannot be made: \(error.localizedDescription)")
        }
        Output.say(try Self.write(draft.text, table, in: folder))
    }

    /// Writes a file that was not there, and answers with its path.
    private static func write(_ text: String, _ table: CodeTable, in folder: String) throws -> String {
        for number in 1...maximumDrafts {
            let path = "\(folder)/\(table.rawValue)\(number == 1 ? "" : "-\(number)").csv"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                guard errno == EEXIST else {
                    throw CommandFailure(description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
                }
                continue
            }
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
            return path
        }
        throw CommandFailure(
            description: "\(folder) has \(maximumDrafts) drafts of \(table.rawValue): remove those that are of no use")
    }

    private static func tell(_ draft: CrosswalkDraft, _ table: CodeTable, _ listing: OdooCodeList.Listing) {
        let count = Output.count(listing.codes.count, "code")
        Output.note("\(table.rawValue): \(count) in Odoo, \(draft.unkeyed.count) without a key")
        if listing.isCut {
            Output.note("  there are more than the first \(listing.codes.count), which alone were read")
        }
        let words = [
            ("Odoo does not have", listing.isCut ? [] : draft.strays),
            ("several records in Odoo have", draft.shared),
        ]
        for (what, codes) in words where !codes.isEmpty {
            let shown = codes.prefix(5).joined(separator: ", ") + (codes.count > 5 ? ", …" : "")
            Output.note("  \(what): \(shown)")
        }
    }
}
