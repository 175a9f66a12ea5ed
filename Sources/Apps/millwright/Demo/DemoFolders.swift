import Foundation

/// Writes the settings of the demo's two nodes, as an engineer would keep them: to be looked at while it runs.
struct DemoFolders {
    let state: String
    let ports: DemoPorts
    let machines: DemoMachines
    let odoo: (endpoint: String, database: String, login: String, settle: String)
    let hubKey: String
    let orderAtMachine: String

    var edge: String { state + "/edge" }
    var hub: String { state + "/hub" }
    var komax: String { state + "/machines/komax" }

    func write() throws {
        try SettingsFiles(files: edgeFiles).write(below: edge)
        try SettingsFiles(files: hubFiles).write(below: hub)
        try FileManager.default.createDirectory(atPath: komax, withIntermediateDirectories: true)
    }

    private let plants = """
        plants:
          lyon:
            zone: Europe/Paris
            company: Demo SAS
            assets:
              komax-565: { area: cutting, workcenter: KOMAX }
              turn-1: { area: machining, workcenter: TURN1 }

        """

    private var edgeFiles: [String: String] {
        var files = [
            "millwright.yaml": """
            node: lyon-edge
            store: { path: \(state)/data/edge, ceiling: 2GiB }
            security:
              key: \(state)/keys/edge.key
              roots: \(state)/tls/ca.pem

            """,
            "plants.yaml": plants,
            "targets/uplink.yaml": """
            target: uplink
            protocol: hub
            hub: https://localhost:\(ports.link)

            """,
            "sources/downlink.yaml": """
            source: downlink
            protocol: hub
            hub: https://localhost:\(ports.link)
            hubKey: "\(hubKey)"

            """,
        ]
        if machines.komax {
            files["sources/komax.yaml"] = """
                source: komax
                protocol: files
                plant: lyon
                asset: komax-565
                folder: { path: \(komax), pattern: "*/Job.sdc", mode: follow }
                format: { kind: sections, time: "dd/MM/yyyy,HH:mm:ss" }
                poll: 200ms
                quiet: 500ms
                signals:
                  - role: count
                    on: [JobTerminated, JobAborted]
                    event: production.completed
                    subject: [Job, ArticleKey]
                    item: ArticleKey
                    quantity: { field: TotalGoodPieces, counts: run, unit: pcs }

                """
        }
        if machines.shdr {
            files["sources/turn.yaml"] = """
                source: turn
                protocol: mtconnect
                plant: lyon
                asset: turn-1
                endpoint: 127.0.0.1:\(ports.shdr)
                retry: { base: 100ms, cap: 1s }
                silentAfter: \(machines.isRecordedSHDR ? "never" : "15m")
                signals:
                  - role: counter
                    tag: ppartcount
                \(machines.isRecordedSHDR ? "    session: avail\n    afterGap: ignore" : "    baseline: count")
                  - role: scrap
                    tag: pscrap
                    reasonTag: pscrapreason
                    baseline: count
                  - role: state
                    tag: pexecution
                    map: { ACTIVE: running, READY: idle, PROGRAM_COMPLETED: idle, STOPPED: down, INTERRUPTED: held, FEED_HOLD: held, OPTIONAL_STOP: held, PROGRAM_STOPPED: held }
                  - role: condition
                    tags: [system_cond]
                    maintenance: { codes: "HYD*", priority: high }

                """
        }
        return files
    }

    private var hubFiles: [String: String] {
        [
            "millwright.yaml": """
            node: hub
            listen: 127.0.0.1:\(ports.hub)
            store: { path: \(state)/data/hub, ceiling: 4GiB }
            security:
              key: \(state)/keys/hub.key
              tls: { certificate: \(state)/tls/hub.pem, key: \(state)/tls/hub.key }

            """,
            "plants.yaml": plants,
            "sources/edges.yaml": "source: edges\nprotocol: edges\n",
            "sources/mes.yaml": "source: mes\nprotocol: http\nplant: lyon\n",
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: \(odoo.endpoint)
            database: \(odoo.database)
            login: \(odoo.login)
            secret: ${env:MILLWRIGHT_ODOO_SECRET}
            orderBy: origin
            settle: \(odoo.settle)
            concurrency: 2
            breaker: { failures: 3, cooldown: 500ms }

            """,
            "targets/lyon.yaml": "target: lyon\nprotocol: edge\nedge: lyon-edge\nedgePlant: lyon\n",
            "flows/progress.yaml": flow(
                "progress", "millwright.production.completed.*", "production.progress",
                "map: maps/progress.jq\ncoalesce: { window: 300ms }"),
            "flows/complete.yaml": flow(
                "complete", "millwright.production.finished.*", "production.complete", "map: maps/complete.jq"),
            "flows/scrap.yaml": flow(
                "scrap", "millwright.production.scrapped.*", "scrap.record", "map: maps/scrap.jq"),
            "flows/downtime.yaml": flow(
                "downtime", "millwright.equipment.state-changed.*", "downtime.record", "map: maps/downtime.jq"),
            "flows/maintenance.yaml": flow(
                "maintenance", "millwright.maintenance.requested.*", "maintenance.request", "map: maps/maintenance.jq"),
            "flows/release.yaml": """
            flow: release
            owner: production
            when: { type: "millwright.production-order.released.*", plant: lyon }
            target: lyon
            operation: order.release
            jq: "{order: .data.order, asset: .data.asset, item: .data.item, quantity: .data.quantity}"
            expires: 12h

            """,
            "maps/progress.jq": "{order: .subject, quantity: .data.quantity, time: .time}\n",
            "maps/complete.jq": """
            # A lot that is ready: the order is completed for it, the rest stays open as a backorder.
            {order: .subject, quantity: .data.quantity, lot: .data.lot, backorder: "create", time: .time}

            """,
            "maps/scrap.jq": "{order: .subject, quantity: .data.quantity, reason: .data.reason, time: .time}\n",
            "maps/downtime.jq": """
            # Only the end of a stop: then both of its ends are known.
            if .data.previous == "down" and .data.previousSince != null then
              {workcenter: lookup("work-centers"; .data.asset), from: .data.previousSince, to: .data.since,
               reason: (.data.reason // "stopped")}
            else empty end

            """,
            "maps/maintenance.jq": """
            {asset: .data.asset, workcenter: lookup("work-centers"; .data.asset), kind: .data.kind,
             priority: .data.priority, description: .data.description, time: .time}

            """,
            "crosswalks/work-centers.csv": "asset,to\nkomax-565,KOMAX\nturn-1,TURN1\n",
        ]
    }

    private func flow(_ name: String, _ type: String, _ operation: String, _ rest: String) -> String {
        """
        flow: \(name)
        owner: production
        when: { type: "\(type)", plant: lyon }
        target: odoo
        operation: \(operation)
        key: subject
        retry: { base: 100ms, cap: 5s }
        onReject: hold
        \(rest)

        """
    }
}

/// The ports that the demo's processes use, all on loopback.
struct DemoPorts: Sendable {
    let hub: Int
    let link: Int
    let front: Int
    let standIn: Int
    let shdr: Int
}

/// Which machines play.
struct DemoMachines: Sendable {
    let komax: Bool
    let shdr: Bool
    let isRecordedSHDR: Bool
}
