extension FolderTemplate {
    /// Rows that a machine appends to CSV files: good pieces, scrap with reasons.
    static let csv = FolderTemplate(
        summary: "Rows that a machine appends to CSV files: good pieces, scrap with reasons.",
        files: [
            File("millwright.yaml", node),
            File("plants.yaml", csvPlants),
            File("sources/press.yaml", csvSourcesPress),
            File("flows/progress.yaml", csvFlowsProgress),
            File("flows/scrap.yaml", csvFlowsScrap),
            File("maps/progress.jq", progressMap),
            File("maps/scrap.jq", csvMapsScrap),
            File("crosswalks/reasons.csv", csvCrosswalksReasons),
            File("targets/odoo.yaml", odooTarget),
            File("tests/press.yaml", csvTestsPress),
            File(".gitignore", ignored),
        ])

    private static let csvPlants = #"""
        # The plants that the node works for. Times that come without a zone are the plant's.
        plants:
          lyon:
            zone: Europe/Paris
            company: Example SAS
            assets:
              press-1: { area: forming, workcenter: PRESS1 }

        """#

    private static let csvSourcesPress = #"""
        # A machine, or a system beside it, that appends rows to CSV files in the folder machine/.
        source: press
        protocol: files
        plant: lyon
        asset: press-1
        folder: { path: machine, pattern: "*.csv", mode: follow }
        format: { kind: csv, record: run, time: "yyyy-MM-dd HH:mm:ss", timeField: ended }
        # How long nothing may come before the source counts as silent, though all seems well; `never`: for ever.
        silentAfter: 3d
        signals:
          - role: count
            on: [run]
            subject: order
            item: article
            quantity: { field: good, counts: run, unit: pcs }
          - role: scrap
            on: [run]
            subject: order
            item: article
            reason: reason
            quantity: { field: bad, counts: run, unit: pcs }

        """#

    private static let csvFlowsProgress = #"""
        # Good pieces become progress of the order in Odoo.
        flow: progress
        owner: production
        when:
          type: "millwright.production.completed.*"
          plant: lyon
          # A run without a good piece needs no command.
          where: .data.quantity.value > 0
        target: odoo
        operation: production.progress
        map: maps/progress.jq
        # What is of one order is sent in its order; what comes within a second becomes one command.
        key: subject
        coalesce: { window: 1s }
        retry: { base: 500ms, cap: 60s }
        onReject: hold

        """#

    private static let csvFlowsScrap = #"""
        # Bad pieces become scrap of the order in Odoo.
        flow: scrap
        owner: quality
        when:
          type: "millwright.production.scrapped.*"
          plant: lyon
          where: .data.quantity.value > 0
        target: odoo
        operation: scrap.record
        map: maps/scrap.jq
        key: subject

        """#

    private static let csvMapsScrap = #"""
        # The machine's codes are translated by the table; a code that it does not have is an exception for a person.
        {order: .subject, quantity: .data.quantity, reason: lookup("reasons"; .data.reason), time: .time}

        """#

    private static let csvCrosswalksReasons = #"""
        from,to
        S1,Scratched
        B2,Bent

        """#

    private static let csvTestsPress = #"""
        # What stands in the files, and what must become of it. `millwright test` runs this; `millwright test --update`
        # fills in what came out. Replace the rows by some of your own.
        cases:
          - case: good pieces are progress, bad ones are scrap with their reason
            at: 2026-03-02T09:30:00Z
            given:
              - source: press
                file: runs.csv
                text: |
                  order,article,good,bad,reason,ended
                  MO-7,BRACKET,12,2,S1,2026-03-02 10:00:00
            expect:
              commands:
                odoo:
                  - operation: production.progress
                    key: MO-7
                    arguments:
                      order: MO-7
                      quantity: { value: 12, unit: pcs }
                      time: 2026-03-02T09:00:00.000000Z
                  - operation: scrap.record
                    key: MO-7
                    arguments:
                      order: MO-7
                      quantity: { value: 2, unit: pcs }
                      reason: Scratched
                      time: 2026-03-02T09:00:00.000000Z

          - case: a reason that nobody knows waits for a person, and the good pieces go on
            at: 2026-03-02T09:30:00Z
            given:
              - source: press
                file: runs.csv
                text: |
                  order,article,good,bad,reason,ended
                  MO-7,BRACKET,12,1,X9,2026-03-02 10:00:00
            expect:
              commands:
                odoo:
                  - operation: production.progress
                    key: MO-7
                    arguments:
                      order: MO-7
                      quantity: { value: 12, unit: pcs }
                      time: 2026-03-02T09:00:00.000000Z
              exceptions:
                - { code: ROUTE-003, where: flow scrap, message: X9 }

          - case: a row that breaks off is read as soon as it is whole
            at: 2026-03-02T09:30:00Z
            given:
              - source: press
                file: runs.csv
                text: "order,article,good,bad,reason,ended\nMO-7,BRA"
              - source: press
                file: runs.csv
                text: "CKET,3,0,,2026-03-02 10:00:00\n"
            expect:
              commands:
                odoo:
                  - operation: production.progress
                    key: MO-7
                    arguments:
                      order: MO-7
                      quantity: { value: 3, unit: pcs }
                      time: 2026-03-02T09:00:00.000000Z

        """#
}
