import Foundation

/// Writes the settings of a chaos plant's two nodes, each in two releases that do the same in another way: what an
/// upgrade in the middle of work changes.
struct ChaosFolders {
    let plant: String
    let ports: ChaosPorts
    let hubKey: String

    /// How long after a lost answer of Odoo's "it did not happen" is not believed: longer than any fault holds up a
    /// request that is under way.
    static let settle = "2500ms"

    static let releases = 2

    func edge(_ release: Int) -> String { "\(plant)/settings/edge-\(release)" }
    func hub(_ release: Int) -> String { "\(plant)/settings/hub-\(release)" }
    var machines: String { "\(plant)/machines" }

    func write() throws {
        for release in 0..<Self.releases {
            try SettingsFiles(files: edgeFiles(release)).write(below: edge(release))
            try SettingsFiles(files: hubFiles(release)).write(below: hub(release))
        }
        for folder in ["cutting", "log", "drop/in"] {
            try FileManager.default.createDirectory(atPath: "\(machines)/\(folder)", withIntermediateDirectories: true)
        }
    }

    private let plants = """
        plants:
          lyon:
            zone: Europe/Paris
            assets:
              saw-1: { workcenter: SAW }
              press-1: { workcenter: PRESS }
              mill-1: { workcenter: MILL }
              turn-1: { workcenter: TURN }

        """

    // MARK: - The edge

    private func edgeFiles(_ release: Int) -> [String: String] {
        let isFirst = release == 0
        return [
            "millwright.yaml": """
            node: chaos-edge
            listen: 127.0.0.1:\(ports.edge)
            store: { path: \(plant)/stores/edge, ceiling: 1GiB }
            security:
              key: \(plant)/keys/edge.key
              roots: \(plant)/tls/ca.pem

            """,
            "plants.yaml": plants,
            "targets/uplink.yaml": """
            target: uplink
            protocol: hub
            hub: https://localhost:\(ports.link)
            timeout: 1s
            compression: \(isFirst ? "gzip" : "deflate")

            """,
            "sources/downlink.yaml": """
            source: downlink
            protocol: hub
            hub: https://localhost:\(ports.link)
            hubKey: "\(hubKey)"

            """,
            "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
            "sources/saw.yaml": sawSource(isFirst), "sources/press.yaml": pressSource(isFirst),
            "sources/drop.yaml": """
            source: drop
            protocol: files
            plant: lyon
            asset: mill-1
            folder: { path: \(machines)/drop, pattern: "*.json", mode: drop }
            format: { kind: cloudevents }
            drop: { ready: rename }
            poll: 50ms
            quiet: 50ms

            """,
            "sources/turn.yaml": """
            source: turn
            protocol: mtconnect
            plant: lyon
            asset: turn-1
            endpoint: 127.0.0.1:\(ports.adapter)
            connectTimeout: 1s
            linger: \(isFirst ? "20ms" : "80ms")
            retry: { base: 50ms, cap: 400ms }
            signals:
              - { role: counter, tag: ppartcount, baseline: count }
              - { role: scrap, tag: pscrap, reasonTag: pscrapreason, baseline: count }

            """,
        ]
    }

    private func sawSource(_ isFirst: Bool) -> String {
        """
        source: saw
        protocol: files
        plant: lyon
        asset: saw-1
        folder: { path: \(machines)/cutting, pattern: "*/Job.sdc", mode: follow }
        format: { kind: sections, time: "dd/MM/yyyy,HH:mm:ss" }
        poll: \(isFirst ? "40ms" : "90ms")
        quiet: \(isFirst ? "100ms" : "200ms")
        signals:
          - role: count
            on: [JobTerminated]
            event: production.completed
            subject: Job
            item: ArticleKey
            quantity: { field: TotalGoodPieces, counts: run, unit: pcs }

        """
    }

    private func pressSource(_ isFirst: Bool) -> String {
        """
        source: press
        protocol: files
        plant: lyon
        asset: press-1
        folder: { path: \(machines)/log, pattern: "*.jsonl", mode: follow }
        format: { kind: jsonlines, timeField: At, record: piece, recordField: Kind }
        poll: \(isFirst ? "40ms" : "70ms")
        quiet: 100ms
        signals:
          - role: count
            on: [piece]
            event: production.completed
            subject: Job
            item: Article
            quantity: { field: Good, unit: pcs }
          - role: scrap
            on: [scrap]
            subject: Job
            item: Article
            reason: Reason
            quantity: { field: Bad, unit: pcs }

        """
    }

    // MARK: - The hub

    private func hubFiles(_ release: Int) -> [String: String] {
        let isFirst = release == 0
        return [
            "millwright.yaml": """
            node: chaos-hub
            listen: 127.0.0.1:\(ports.hub)
            store: { path: \(plant)/stores/hub, ceiling: 1GiB }
            security:
              key: \(plant)/keys/hub.key
              tls: { certificate: \(plant)/tls/hub.pem, key: \(plant)/tls/hub.key }

            """,
            "plants.yaml": plants,
            "sources/edges.yaml": "source: edges\nprotocol: edges\n",
            "sources/mes.yaml": "source: mes\nprotocol: http\nplant: lyon\n",
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: http://127.0.0.1:\(ports.front)
            database: demo
            login: mes
            secret: ${env:MILLWRIGHT_ODOO_SECRET}
            orderBy: origin
            timeout: 1s
            settle: \(Self.settle)
            concurrency: \(isFirst ? 2 : 6)
            breaker: { failures: 4, cooldown: 200ms }

            """,
            "targets/lyon.yaml": "target: lyon\nprotocol: edge\nedge: chaos-edge\nedgePlant: lyon\n",
            "flows/progress.yaml": flow(
                "progress", "production.completed", "production.progress",
                isFirst ? "map: maps/progress.jq\ncoalesce: { window: 150ms }" : "map: maps/progress.jq"),
            "flows/complete.yaml": flow(
                "complete", "production.finished", "production.complete",
                #"jq: "{order: .subject, quantity: .data.quantity, lot: .data.lot, backorder: \"create\", time}""#
            ),
            "flows/scrap.yaml": flow(
                "scrap", "production.scrapped", "scrap.record",
                #"jq: "{order: .subject, quantity: .data.quantity, reason: .data.reason, time: .time}""#),
            "flows/consume.yaml": flow(
                "consume", "production.material-consumed", "material.consume",
                #"jq: "{order: .data.order, item: .data.item, quantity: .data.quantity, time: .time}""#),
            "flows/downtime.yaml": flow(
                "downtime", "equipment.state-changed", "downtime.record", "map: maps/downtime.jq"),
            "flows/maintenance.yaml": flow(
                "maintenance", "maintenance.requested", "maintenance.request",
                #"jq: "{asset: .data.asset, kind: .data.kind, description: .data.description, time: .time}""#),
            "flows/release.yaml": """
            flow: release
            owner: production
            when: { type: "millwright.production-order.released.*", plant: lyon }
            target: lyon
            operation: order.release
            jq: "{order: .data.order, asset: .data.asset, item: .data.item, quantity: .data.quantity}"

            """,
            "maps/progress.jq": isFirst
                ? "{order: .subject, quantity: .data.quantity, time: .time}\n"
                : "# The same in other words.\n{order: (.data.order // .subject), quantity: .data.quantity, time}\n",
            "maps/downtime.jq": """
            if .data.previous == "down" and .data.previousSince != null then
              {workcenter: "PRESS", from: .data.previousSince, to: .data.since, reason: (.data.reason // "stopped")}
            else empty end

            """,
        ]
    }

    private func flow(_ name: String, _ type: String, _ operation: String, _ rest: String) -> String {
        """
        flow: \(name)
        owner: production
        when: { type: "millwright.\(type).*", plant: lyon }
        target: odoo
        operation: \(operation)
        key: subject
        retry: { base: 50ms, cap: 500ms }
        onReject: hold
        \(rest)

        """
    }
}

/// The ports that a chaos plant uses, all on loopback.
struct ChaosPorts: Sendable {
    let hub: Int
    let edge: Int
    let standIn: Int
    let shdr: Int
    // Where the relays listen.
    let link: Int
    let front: Int
    let door: Int
    let edgeDoor: Int
    let adapter: Int

    /// Ports that are free now.
    static func free() throws -> ChaosPorts {
        let ports = try DemoPorts.free(9)
        return ChaosPorts(
            hub: ports[0], edge: ports[1], standIn: ports[2], shdr: ports[3], link: ports[4], front: ports[5],
            door: ports[6], edgeDoor: ports[7], adapter: ports[8])
    }
}
