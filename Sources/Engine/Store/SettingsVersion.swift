package import Canonical
import ExactJSON
import Foundation
import GRDB
import NodeSecurity

/// The files of a settings folder, as they are kept.
package struct SettingsImage: Sendable {
    /// By path below the folder.
    package let files: [(path: String, bytes: [UInt8])]
    /// Names them all: SHA-256 in hexadecimal digits over the sorted paths and what is there.
    package let digest: String
    /// The digest of each file, by its path.
    package let digests: [String: String]
    /// Why they run: `start`, `change`, `signal`, `reload` where a person asked, `refused` where others turned out not
    /// to run.
    package let reason: String
    /// Whose wish to have the folder read again ends with these, to be written down where they are kept.
    package var reload: SettingsReload?

    package init(_ files: [(path: String, bytes: [UInt8])], reason: String) {
        self.files = files.sorted { $0.path < $1.path }
        self.reason = reason
        let named = self.files.map { (path: $0.path, digest: Self.digest($0.bytes)) }
        digests = Dictionary(named.map { ($0.path, $0.digest) }, uniquingKeysWith: { first, _ in first })
        let list: JSON = .array(named.map { [.string($0.path), .string($0.digest)] })
        digest = Self.digest(list.bytes)
    }

    /// What differs from other ones, in the words of ``SettingsVersion/changes(since:)``.
    package func changes(since before: SettingsImage) -> [String] { difference(before.digests, digests) }

    /// SHA-256 in hexadecimal digits.
    static func digest(_ bytes: [UInt8]) -> String {
        Digest.sha256(bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// One settings folder that ran, from a moment on.
package struct SettingsVersion: Sendable {
    package let id: Int64
    /// ``SettingsImage/digest``
    package let digest: String
    package let started: Instant
    package let reason: String
    /// The digest of each file, by its path.
    package let files: [String: String]

    /// What differs from the version before it: paths with `+` (new), `−` (gone) or `~` (changed).
    package func changes(since before: SettingsVersion) -> [String] { difference(before.files, files) }
}

/// What differs between the digests of files, by their paths.
private func difference(_ before: [String: String], _ after: [String: String]) -> [String] {
    Set(before.keys).union(after.keys).sorted().compactMap { path in
        switch (before[path], after[path]) {
        case (nil, _?): "+ \(path)"
        case (_?, nil): "− \(path)"
        case (let old, let new): old == new ? nil : "~ \(path)"
        }
    }
}

extension StoreTransaction {
    /// Notes that these settings run from now on, and what became of the wish that ends with them. The number of their
    /// version: a new one unless they ran last.
    package func keepSettings(_ settings: SettingsImage, now: Instant) throws -> Int64 {
        let id = try number(of: settings, now: now)
        if let reload = settings.reload { try audit(reload, version: id, digest: settings.digest, now: now) }
        return id
    }

    private func number(of settings: SettingsImage, now: Instant) throws -> Int64 {
        let last = try Row.fetchOne(statement("SELECT id, digest FROM settings ORDER BY id DESC LIMIT 1"))
        if let last, last[1] == settings.digest { return last[0] }
        var files: JSONObject = [:]
        for (path, bytes) in settings.files {
            let digest = settings.digests[path] ?? SettingsImage.digest(bytes)
            files[path] = .string(digest)
            try statement("INSERT OR IGNORE INTO settings_file VALUES(?, ?)").execute(arguments: [digest, Data(bytes)])
        }
        try statement("INSERT INTO settings VALUES(NULL, ?, ?, ?, ?)").execute(arguments: [
            settings.digest, now.microseconds, settings.reason, JSON.object(files).description,
        ])
        let id = db.lastInsertedRowID
        try audit(
            "settings.run", actor: "node",
            detail: [
                "version": .int(Int(id)), "digest": .string(settings.digest), "reason": .string(settings.reason),
            ], now: now)
        return id
    }

    /// The settings that ran, the newest first.
    package func settingsVersions(limit: Int) throws -> [SettingsVersion] {
        try Row.fetchAll(
            statement("SELECT id, digest, started, reason, files FROM settings ORDER BY id DESC LIMIT ?"),
            arguments: [limit]
        ).map(Self.version)
    }

    /// One version, or nil.
    package func settingsVersion(_ id: Int64) throws -> SettingsVersion? {
        try Row.fetchOne(
            statement("SELECT id, digest, started, reason, files FROM settings WHERE id = ?"), arguments: [id]
        ).map(Self.version)
    }

    /// The bytes of a file of a version; nil where it has none of that path.
    package func settingsFile(_ path: String, of version: SettingsVersion) throws -> [UInt8]? {
        guard let digest = version.files[path] else { return nil }
        return try Data.fetchOne(
            statement("SELECT bytes FROM settings_file WHERE digest = ?"), arguments: [digest]
        ).map { [UInt8]($0) }
    }

    private static func version(_ row: Row) throws -> SettingsVersion {
        let files = try JSONReader.read(row[4] as String).object ?? [:]
        return SettingsVersion(
            id: row[0], digest: row[1], started: Instant(microseconds: row[2]), reason: row[3],
            files: Dictionary(files.map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { first, _ in first }))
    }
}
