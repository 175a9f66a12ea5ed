import CCheckedVFS
import Canonical
import Contracts
import ExactJSON
import GRDB
import World

/// Puts a whole store in the place of a damaged one: what can be read is copied, what cannot is counted and reported,
/// and the damaged files are kept beside it.
///
/// The new store is made complete under a name of its own first, and says so; only then do files change places. A crash
/// before that begins anew, one after it goes on where it was.
struct StoreMending {
    /// The log goes first: it must never meet a database that is not its own.
    static let suffixes = ["-wal", "-sums", ""]

    let address: StoreAddress
    let world: World

    /// Where the new store is made, and where it lies once it is complete.
    private var making: StoreAddress { address.beside(".making") }
    private var mended: StoreAddress { address.beside(".mending") }
    private var marker: StoreAddress { address.beside(".damage") }
    private var attempts: MendingAttempts { MendingAttempts(address) }

    init(_ address: StoreAddress, world: World) {
        (self.address, self.world) = (address, world)
    }

    // MARK: - Finding out

    /// Leaves word for the next start that the store must be mended, with what was seen.
    func leaveWord(_ reason: String) { try? marker.put(reason) }

    /// Whether a running node left word that it met damage.
    func hasWord() throws -> Bool { try marker.exists() }

    // MARK: - Mending

    /// How often a store mends itself within a day before it waits longer in between.
    static let mendingsMaximum = 5
    private static let day = Duration.seconds(86_400)
    /// How long after the last mending such a store is mended again.
    static let patience = Duration.seconds(3_600)

    /// Mends the store. `reason`: what was seen of the damage, for the report. `isAsked`: by a person, however often.
    /// Throws ``Failure`` where there is no room, the store is of a newer version, or was mended too often of late.
    func run(reason: String, isAsked: Bool = false) throws -> SalvageReport {
        let now = world.clock.now()
        var report = SalvageReport()
        var earlier: [Instant]?
        do {
            try replace(old: "damaged", now: now) { fresh, setAside in
                report.setAside = setAside
                let source = try openDamaged(&report)
                defer { try? source?.close() }
                if !isAsked {
                    let times = try mendings(source, now, reason)
                    earlier = times
                    // Before anything is copied: a process that ends in the middle has begun all the same.
                    try attempts.keep(times + [now])
                }
                if let source { try copy(source, to: fresh, &report) }
                if report.kept.isEmpty {
                    report.losses.append(SalvageReport.Loss(table: "all", rows: nil, lane: nil))
                }
                let all = (earlier ?? []) + [now]
                try fresh.write { db in
                    report = try StoreRebirth(epoch: world.entropy.uuidV7(at: now), now: now).mend(db, report, reason)
                    let times = all.map { String($0.microseconds) }.joined(separator: ",")
                    try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES('mendings', ?)", arguments: [times])
                }
            }
        } catch {
            // It ended with a reason (a disk that is full, or fails for a moment), so it does not count. What was
            // made so far goes first: the note may need the room.
            if let earlier, (try? mended.exists()) == false {
                try? clear(making)
                try? attempts.keep(earlier)
            }
            throw error
        }
        return report
    }

    /// Has `make` make a new store, and lets it take the place of the one that is there, whose files get a name with
    /// `old` and the time. `make` is told that name.
    func replace(old: String, now: Instant, _ make: (DatabaseQueue, String) throws -> Void) throws {
        try clear(making)
        let name = old + "-" + now.description.filter { $0.isNumber || $0 == "T" || $0 == "Z" }
        let fresh = try StoreConnection.open(making)
        do {
            try make(fresh, address.beside(".\(name)").path)
            try fresh.write { db in
                try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES('replaced', ?)", arguments: [name])
            }
            try fresh.inDatabase { db in _ = try db.checkpoint(.truncate) }
            try fresh.close()
        } catch {
            try? fresh.close()
            throw error
        }
        try making.beside("-sums").move(to: mended.beside("-sums"))
        try making.move(to: mended)
        try finish()
    }

    /// When mendings of the store began within the last day, as far as it can still say. Throws where there were too
    /// many, and the last was a short while ago.
    private func mendings(_ source: DatabaseQueue?, _ now: Instant, _ reason: String) throws -> [Instant] {
        var text: String?
        if let source {
            text = try StoreDamage.readable {
                try source.inDatabase { try Self.note("mendings", in: $0) }
            }?.flatMap { $0 }
        }
        let ended = (text ?? "").split(separator: ",").compactMap { Int64($0) }.map { Instant(microseconds: $0) }
        let begun = try attempts.times()
        let recent = Set(ended + begun).filter { time in
            let age = now.since(time)
            // A clock that was set back must not hold the store up until it is there again.
            return age >= .zero && age < Self.day
        }.sorted()
        guard recent.count >= Self.mendingsMaximum, let last = recent.last else { return recent }
        let next = last + Self.patience
        guard now < next else { return recent }
        throw StoreFailures.damagedAgain.failure(
            """
            \(recent.count) mendings of the store at \(address.path) began within a day, and it is damaged again: \
            \(reason). It is not mended before \(next)
            """,
            suggestion: """
                A node that is started after \(next) mends it once more. Do not wait for that: copy the store's folder \
                to another disk, point `store.path` there, and run `millwright store repair`.
                """)
    }

    /// The damaged store, opened to read whatever is whole; nil where not even its tables can be told.
    private func openDamaged(_ report: inout SalvageReport) throws -> DatabaseQueue? {
        guard try address.exists() else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        let open = try StoreDamage.readable {
            try DatabaseQueue(path: address.salvageURL, configuration: configuration)
        }
        guard let queue = open else { return nil }
        let found = try StoreDamage.readable {
            try queue.inDatabase { db in
                var survey = millwright_survey()
                let code = millwright_checked_survey(UnsafeMutableRawPointer(db.sqliteConnection), &survey)
                // Without its tables' names there is nothing to read.
                _ = try Row.fetchAll(db, sql: "SELECT type, name, sql FROM sqlite_master")
                return (
                    survey: code == 0 ? survey : nil, version: try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                )
            }
        }
        guard let found else { return nil }
        guard found.version <= StoreSchema.version else {
            throw StoreFailures.newerVersion.failure(
                "the damaged store has version \(found.version), this program knows \(StoreSchema.version)")
        }
        if let survey = found.survey {
            report.pages = Int(survey.pages)
            report.damagedPages = Int(survey.damaged_pages)
            report.damagedFrames = Int(survey.damaged_frames)
            report.missingFrames = Int(survey.missing_frames)
            report.hasStalePages = survey.has_stale_pages
        }
        return queue
    }

    /// With the schema of the damaged store, which is brought up to date like any other when the new one is opened.
    private func copy(_ source: DatabaseQueue, to fresh: DatabaseQueue, _ report: inout SalvageReport) throws {
        try source.inDatabase { old in
            let schema = try Row.fetchAll(
                old, sql: "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
            )
            let version = try Int.fetchOne(old, sql: "PRAGMA user_version") ?? 0
            let tables = schema.filter { $0["type"] == "table" }
            try fresh.write { db in
                // Indexes with them: they keep what is double out. They are made anew, never copied.
                for row in tables + schema.filter({ $0["type"] != "table" }) { try db.execute(sql: row["sql"]) }
                try db.execute(sql: "PRAGMA user_version = \(version)")
            }
            let hasNumbers = schema.contains { ($0["sql"] as String).contains("AUTOINCREMENT") }
            let given =
                try StoreDamage.readable {
                    hasNumbers ? try Row.fetchAll(old, sql: "SELECT name, seq FROM sqlite_sequence") : []
                } ?? []
            for row in tables {
                var table = try TableSalvage(row["name"], from: old, to: fresh)
                try table.run()
                // Names stand in their index as well, and each event needs two of them.
                if table.table == "name", !table.lost.isEmpty { try table.run(byIndexOn: "text") }
                report.kept[table.table] = table.kept
                report.losses += table.lost.map { SalvageReport.Loss(table: table.table, rows: $0, lane: nil) }
                if table.hasLostKeys {
                    report.losses.append(SalvageReport.Loss(table: table.table, rows: nil, lane: nil))
                }
            }
            try keepNumbers(given, in: fresh)
        }
    }

    /// The highest number that each table ever gave may be above what it holds.
    private func keepNumbers(_ given: [Row], in fresh: DatabaseQueue) throws {
        try fresh.write { db in
            for row in given {
                let (name, seq): (String, Int64) = (row[0], row[1])
                try db.execute(
                    sql: "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", arguments: [seq, name])
                guard db.changesCount == 0 else { continue }
                try db.execute(sql: "INSERT INTO sqlite_sequence VALUES(?, ?)", arguments: [name, seq])
            }
        }
    }

    // MARK: - Changing places

    /// Puts a complete new store in place, where a crash left one; removes one that is not complete.
    func finish() throws {
        let isComplete = try mended.exists() && !making.exists()
        guard isComplete, let name = try replacedName() else {
            try clear(making)
            return try clear(mended)
        }
        let aside = address.beside(".\(name)")
        // Gone before a crash: then the checksums in the store's place are the new one's.
        let hasMovedSums = try !mended.beside("-sums").exists()
        for suffix in Self.suffixes where try address.beside(suffix).exists() {
            if hasMovedSums, suffix == "-sums" { continue }
            // What lies there already was moved before a crash; what is here then is a part of the new one.
            if try !aside.beside(suffix).exists() { try address.beside(suffix).move(to: aside.beside(suffix)) }
            try address.beside(suffix).remove()
        }
        if !hasMovedSums { try mended.beside("-sums").move(to: address.beside("-sums")) }
        try mended.move(to: address)
        try marker.remove()
        try attempts.forget()
    }

    /// What the new store says of the old one's name. Read without a trace: its files are about to move.
    private func replacedName() throws -> String? {
        var configuration = Configuration()
        configuration.readonly = true
        let open = try StoreDamage.readable { try DatabaseQueue(path: mended.salvageURL, configuration: configuration) }
        guard let queue = open else { return nil }
        defer { try? queue.close() }
        return try StoreDamage.readable {
            try queue.inDatabase { try Self.note("replaced", in: $0) }
        }?.flatMap { $0 }
    }

    /// What a store says of itself; nil where it does not, or has no table for it yet.
    private static func note(_ name: String, in db: Database) throws -> String? {
        guard try Bool.fetchOne(db, sql: "SELECT EXISTS(SELECT 1 FROM sqlite_master WHERE name = 'meta')") == true
        else {
            return nil
        }
        return try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
    }

    private func clear(_ address: StoreAddress) throws {
        for suffix in Self.suffixes where try address.beside(suffix).exists() { try address.beside(suffix).remove() }
    }
}
