import Canonical
import World

/// A settings folder in memory.
struct SettingsFolder: Disk {
    var files: [String: [UInt8]]

    /// What no folder can do without.
    static let smallest = whole.filter { $0.key == "/settings/millwright.yaml" || $0.key == "/settings/plants.yaml" }

    /// A small folder that has something of everything.
    static let whole: [String: [UInt8]] = [
        "millwright.yaml": "node: lyon\nlisten: 0.0.0.0:8443\nstore: { path: data, ceiling: 20GiB, retention: 30d }\n",
        "plants.yaml": """
        plants:
          lyon:
            zone: Europe/Paris
            assets:
              komax-565: { area: cutting, line: line-2, workcenter: WC-CUT }
              okuma-1:

        """,
        "sources/komax.yaml": """
        source: komax
        protocol: files
        plant: lyon
        asset: komax-565
        folder: { path: /data/komax, pattern: "*/Job.sdc", mode: follow }
        format: { kind: sections, time: "dd/MM/yyyy,HH:mm:ss" }
        signals:
          - role: count
            on: [JobTerminated, JobAborted]
            event: production.completed
            subject: [Job, ArticleKey]
            item: ArticleKey
            quantity: { field: TotalGoodPieces, counts: run, unit: pcs }

        """,
        "flows/progress.yaml": """
        flow: progress
        owner: production
        when: { type: "millwright.production.completed.*", plant: lyon }
        target: odoo
        operation: production.progress
        map: maps/progress.jq
        key: subject
        coalesce: { window: 1s }
        retry: { base: 500ms, cap: 60s }

        """,
        "targets/odoo.yaml": """
        target: odoo
        protocol: odoo
        endpoint: https://odoo.lyon.example
        database: production
        login: mes
        secret: ${file:/run/secrets/odoo}

        """,
        "maps/progress.jq": "{ order: .subject, quantity: .data.quantity }\n",
        "crosswalks/work-centers.csv": "from,to,note\nkomax-565,WC-CUT,\n",
    ].reduce(into: [:]) { $0["/settings/" + $1.key] = Array($1.value.utf8) }

    func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] {
        let prefix = directory + "/"
        var names: [String: Bool] = [:]
        for path in files.keys where path.hasPrefix(prefix) {
            let parts = path.dropFirst(prefix.count).split(separator: "/")
            if let first = parts.first { names[String(first)] = parts.count > 1 }
        }
        guard !names.isEmpty else { throw failure("list", directory, .notFound) }
        return names.sorted { $0.key < $1.key }.map { DiskEntry(name: $0.key, isDirectory: $0.value) }
    }

    func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        guard let bytes = files[path] else { throw failure("read", path, .notFound) }
        return Array(bytes.dropFirst(offset).prefix(count))
    }

    func status(_ path: String) throws(DiskFailure) -> FileStatus? {
        files[path].map {
            FileStatus(size: $0.count, modified: Instant(microseconds: 0), isDirectory: false, identity: path)
        }
    }

    func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int { throw readOnly(path) }
    func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) { throw readOnly(path) }
    func move(_ path: String, to destination: String) throws(DiskFailure) { throw readOnly(path) }
    func truncate(_ path: String, to size: Int) throws(DiskFailure) { throw readOnly(path) }
    func remove(_ path: String) throws(DiskFailure) { throw readOnly(path) }
    func makeDirectory(_ path: String) throws(DiskFailure) { throw readOnly(path) }
    func freeBytes(at path: String) throws(DiskFailure) -> Int { throw readOnly(path) }

    private func failure(_ operation: String, _ path: String, _ reason: DiskFailure.Reason) -> DiskFailure {
        DiskFailure(operation: operation, path: path, reason: reason, detail: "\(reason)")
    }

    private func readOnly(_ path: String) -> DiskFailure { failure("write", path, .denied) }
}
