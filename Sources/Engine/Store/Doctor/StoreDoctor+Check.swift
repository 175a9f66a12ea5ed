import CCheckedVFS
import Canonical
import GRDB

extension StoreDoctor {
    private static let findingsMaximum = 100

    /// Looks at every page and every rule of the store at `path`; changes nothing. Beside a running node it sees one
    /// state of the store, and what is written meanwhile may look damaged: look again with the node stopped then.
    package static func check(_ path: String) throws -> StoreReport {
        let address = try require(path)
        var report = StoreReport(path: address.path)
        let queue: DatabaseQueue
        do {
            queue = try openSalvaged(address)
        } catch {
            // Without checksums beside it there is no sign that it ever was a store.
            guard try address.beside("-sums").exists() else { throw error }
            report.findings = ["\(error)"]
            return report
        }
        defer { try? queue.close() }
        try queue.inDatabase { db in
            survey(db, &report)
            try requireStore(db, address)
            report.version = (try? Int.fetchOne(db, sql: "PRAGMA user_version")) ?? 0
            report.epoch = (try? String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'epoch'")) ?? ""
            if report.damagedPages == 0 { checkStructure(db, &report) }
            count(db, &report)
            checkRules(db, &report)
            // A store of before there was a chain has none to break.
            report.auditBreak = try? StoreTransaction(db: db, names: NameTable()).auditBreak()
        }
        return report
    }

    private static func survey(_ db: Database, _ report: inout StoreReport) {
        var survey = millwright_survey()
        guard millwright_checked_survey(UnsafeMutableRawPointer(db.sqliteConnection), &survey) == 0 else { return }
        report.pages = Int(survey.pages)
        report.damagedPages = Int(survey.damaged_pages)
        report.uncheckedPages = Int(survey.unchecked_pages)
        report.logFrames = Int(survey.frames)
        report.damagedFrames = Int(survey.damaged_frames)
        report.missingFrames = Int(survey.missing_frames)
        let listed = min(report.damagedPages, Int(MILLWRIGHT_PAGES_LISTED))
        report.listedPages = withUnsafeBytes(of: &survey.listed) { bytes in
            bytes.bindMemory(to: UInt32.self).prefix(listed).map { Int($0) }
        }
    }

    private static func checkStructure(_ db: Database, _ report: inout StoreReport) {
        do {
            let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(findingsMaximum))")
            report.findings += lines.filter { $0 != "ok" }
        } catch {
            report.findings.append("SQLite's own check fails: \(error)")
        }
    }

    private static func count(_ db: Database, _ report: inout StoreReport) {
        let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        for name in (try? String.fetchAll(db, sql: names)) ?? [] {
            do {
                report.rows[name] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(name) NOT INDEXED")
            } catch {
                report.findings.append("table \(name) cannot be read to its end")
            }
        }
        report.lanes = (try? laneStates(db)) ?? []
    }

    /// What must hold between rows.
    private static func checkRules(_ db: Database, _ report: inout StoreReport) {
        for lane in report.lanes {
            let last = try? Int64.fetchOne(
                db, sql: "SELECT last FROM lane WHERE lane = ?", arguments: [lane.lane.rawValue])
            if let last, last < lane.last {
                report.findings.append("lane \(lane.lane.name) ends with \(lane.last) and should with \(last)")
            }
        }
        let rules = [
            (
                "deliveries wait for a command that is not there",
                "delivery WHERE state = 1 AND command NOT IN (SELECT id FROM command)"
            ),
            (
                "deliveries wait behind a key that nothing holds",
                """
                delivery d WHERE state = 2
                AND NOT EXISTS(SELECT 1 FROM blocked_key b WHERE b.target = d.target AND b.key = d.key)
                """
            ),
            (
                "keys are held by an exception that is not there",
                "blocked_key WHERE exception NOT IN (SELECT id FROM exception)"
            ),
            (
                "events have a source or type without a name",
                "event WHERE source NOT IN (SELECT id FROM name) OR type NOT IN (SELECT id FROM name)"
            ),
        ]
        for (what, rows) in rules {
            let found = (try? Int.fetchOne(db, sql: "SELECT count(*) FROM \(rows)")) ?? 0
            if found > 0 { report.findings.append("\(found) \(what)") }
        }
    }
}
