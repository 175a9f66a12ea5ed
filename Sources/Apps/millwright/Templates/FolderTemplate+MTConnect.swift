extension FolderTemplate {
    /// A machine tool's MTConnect adapter: a counter, states, an emergency stop.
    static let mtconnect = FolderTemplate(
        summary: "A machine tool's MTConnect adapter: a counter, states, an emergency stop.",
        files: [
            File("millwright.yaml", node),
            File("plants.yaml", mtconnectPlants),
            File("sources/turn.yaml", mtconnectSourcesTurn),
            File("flows/downtime.yaml", downtimeFlow),
            File("flows/progress.yaml", mtconnectFlowsProgress),
            File("maps/downtime.jq", downtimeMap),
            File("maps/progress.jq", progressMap),
            File("crosswalks/work-centers.csv", mtconnectCrosswalksWorkCenters),
            File("targets/odoo.yaml", odooTarget),
            File("tests/turn.yaml", mtconnectTestsTurn),
            File(".gitignore", ignored),
        ])

    private static let mtconnectPlants = #"""
        # The plants that the node works for. Times that come without a zone are the plant's.
        plants:
          lyon:
            zone: Europe/Paris
            company: Example SAS
            assets:
              turn-1: { area: machining, workcenter: TURN1 }

        """#

    private static let mtconnectSourcesTurn = #"""
        # An MTConnect adapter: lines of time|key|value over TCP.
        source: turn
        protocol: mtconnect
        plant: lyon
        asset: turn-1
        endpoint: 192.168.1.20:7878
        # How long nothing may come before the source counts as silent, though all seems well; `never`: for ever.
        silentAfter: 15m
        signals:
          # The order at hand: released orders of the asset set it, and so does what the operator types at the machine.
          - role: context
            tags: { order: porder, program: pprogram }
          # Each step of the counter is a good piece. What was counted while nobody listened was made as well.
          - role: counter
            tag: ppartcount
            session: avail
          - role: state
            tag: pexecution
            map:
              ACTIVE: running
              READY: idle
              PROGRAM_COMPLETED: idle
              INTERRUPTED: held
              FEED_HOLD: held
              STOPPED: held
            overrides: { estop: { TRIGGERED: down } }
            debounce: 2s

        """#

    private static let mtconnectFlowsProgress = #"""
        # Good pieces become progress of the order in Odoo.
        flow: progress
        owner: production
        when:
          type: "millwright.production.completed.*"
          plant: lyon
        target: odoo
        operation: production.progress
        map: maps/progress.jq
        # What is of one order is sent in its order; what comes within a second becomes one command.
        key: subject
        coalesce: { window: 1s }
        retry: { base: 500ms, cap: 60s }
        onReject: hold

        """#

    private static let mtconnectCrosswalksWorkCenters = #"""
        asset,to
        turn-1,TURN1

        """#

    private static let mtconnectTestsTurn = #"""
        # What the adapter sends, and what must become of it. `millwright test` runs this; `millwright test --update`
        # fills in what came out. Replace the lines by some of your own machine's.
        cases:
          - case: each piece is counted once, from the counter's first value on
            at: 2026-03-02T06:00:00Z
            given:
              - source: turn
                text: |
                  2026-03-02T06:00:00Z|avail|AVAILABLE|porder|MO-2001|pexecution|READY|estop|ARMED|ppartcount|16
              - source: turn
                after: 1m
                text: |
                  2026-03-02T06:01:00Z|pexecution|ACTIVE
              - source: turn
                after: 4m
                text: |
                  2026-03-02T06:05:00Z|ppartcount|17|pexecution|PROGRAM_COMPLETED
            expect:
              commands:
                odoo:
                  - operation: production.progress
                    key: MO-2001
                    arguments:
                      order: MO-2001
                      quantity: { value: 1, unit: pcs }
                      time: 2026-03-02T06:05:00.000000Z

          - case: an emergency stop becomes a downtime as soon as it is over
            at: 2026-03-02T06:00:00Z
            given:
              - source: turn
                text: |
                  2026-03-02T06:00:00Z|avail|AVAILABLE|pexecution|ACTIVE|estop|ARMED
              - source: turn
                after: 10m
                text: |
                  2026-03-02T06:10:00Z|estop|TRIGGERED
              - source: turn
                after: 20m
                text: |
                  2026-03-02T06:30:00Z|estop|ARMED
            expect:
              commands:
                odoo:
                  - operation: downtime.record
                    key: turn-1
                    arguments:
                      workcenter: TURN1
                      from: 2026-03-02T06:10:00.000000Z
                      to: 2026-03-02T06:30:00.000000Z
                      reason: stopped

          - case: a state that does not last is no state
            at: 2026-03-02T06:00:00Z
            given:
              - source: turn
                text: |
                  2026-03-02T06:00:00Z|avail|AVAILABLE|pexecution|ACTIVE|estop|ARMED
              - source: turn
                after: 1m
                text: |
                  2026-03-02T06:01:00Z|estop|TRIGGERED
                  2026-03-02T06:01:01Z|estop|ARMED
            expect:
              commands: {}

        """#
}
