extension FolderTemplate {
    /// A wire-processing machine's log files: sections, jobs, stops.
    static let komax = FolderTemplate(
        summary: "A wire-processing machine's log files: sections, jobs, stops.",
        files: [
            File("millwright.yaml", node),
            File("plants.yaml", komaxPlants),
            File("sources/komax.yaml", komaxSourcesKomax),
            File("flows/downtime.yaml", downtimeFlow),
            File("flows/progress.yaml", komaxFlowsProgress),
            File("maps/downtime.jq", downtimeMap),
            File("maps/progress.jq", progressMap),
            File("crosswalks/work-centers.csv", komaxCrosswalksWorkCenters),
            File("targets/odoo.yaml", odooTarget),
            File("tests/komax.yaml", komaxTestsKomax),
            File(".gitignore", ignored),
        ])

    private static let komaxPlants = #"""
        # The plants that the node works for. Times that come without a zone are the plant's.
        plants:
          lyon:
            zone: Europe/Paris
            company: Example SAS
            assets:
              komax-1: { area: cutting, workcenter: KOMAX }

        """#

    private static let komaxSourcesKomax = #"""
        # A wire-processing machine whose software appends to Job.sdc, in a new folder each day: machine/03/Job.sdc.
        source: komax
        protocol: files
        plant: lyon
        asset: komax-1
        folder: { path: machine, pattern: "*/Job.sdc", mode: follow }
        format: { kind: sections, time: "dd/MM/yyyy,HH:mm:ss", attach: [Counter] }
        # How long nothing may come before the source counts as silent, though all seems well; `never`: for ever.
        silentAfter: 3d
        signals:
          # What a run made stands in the section that ends it. One order line can make several articles.
          - role: count
            on: [JobTerminated, JobAborted]
            event: production.completed
            subject: [Job, ArticleKey]
            item: ArticleKey
            quantity: { field: TotalGoodPieces, counts: run, unit: pcs }
          - role: state
            on:
              JobStarted: running
              JobRestarted: running
              JobPaused: held
              JobInterrupted: down
              JobTerminated: idle
              JobAborted: idle

        """#

    private static let komaxFlowsProgress = #"""
        # Good pieces become progress of the order in Odoo.
        flow: progress
        owner: production
        when:
          type: "millwright.production.completed.*"
          plant: lyon
          # Jobs that were started at the machine have no order in Odoo; runs that made nothing need no command.
          where: (.subject | startswith("LOCAL(") | not) and .data.quantity.value > 0
        target: odoo
        operation: production.progress
        map: maps/progress.jq
        # What is of one order is sent in its order; what comes within a second becomes one command.
        key: subject
        coalesce: { window: 1s }
        retry: { base: 500ms, cap: 60s }
        onReject: hold

        """#

    private static let komaxCrosswalksWorkCenters = #"""
        asset,to
        komax-1,KOMAX

        """#

    private static let komaxTestsKomax = #"""
        # What the machine writes, and what must become of it. `millwright test` runs this; `millwright test --update`
        # fills in what came out. Replace the sections by some of your own machine's. An empty line ends a section,
        # so the text keeps the one at its end (|+).
        cases:
          - case: a job that ends is progress of its order and article
            at: 2026-03-02T07:00:00Z
            given:
              - source: komax
                file: 02/Job.sdc
                text: |+
                  [JobStarted]
                  DateTimeStamp=02/03/2026,07:30:19
                  Job=MO-1001, 1
                  ArticleKey=WIRE-07-A
                  JobRequestedPieces=50

                  [JobTerminated]
                  DateTimeStamp=02/03/2026,07:58:08
                  Job=MO-1001, 1
                  ArticleKey=WIRE-07-A
                  JobRequestedPieces=50
                  TotalGoodPieces=50

            expect:
              commands:
                odoo:
                  - operation: production.progress
                    key: "MO-1001, 1, WIRE-07-A"
                    arguments:
                      order: "MO-1001, 1, WIRE-07-A"
                      quantity: { value: 50, unit: pcs }
                      time: 2026-03-02T06:58:08.000000Z

          - case: a job that was started at the machine makes no command
            at: 2026-03-02T07:00:00Z
            given:
              - source: komax
                file: 02/Job.sdc
                text: |+
                  [JobTerminated]
                  DateTimeStamp=02/03/2026,07:40:00
                  Job=LOCAL(3), 1
                  ArticleKey=WIRE-07-A
                  TotalGoodPieces=12

            expect:
              commands: {}

          - case: a stop becomes a downtime as soon as it is over
            at: 2026-03-02T09:00:00Z
            given:
              - source: komax
                file: 02/Job.sdc
                text: |+
                  [JobInterrupted]
                  DateTimeStamp=02/03/2026,08:00:00
                  Job=MO-1001, 1
                  ArticleKey=WIRE-07-A

              - source: komax
                after: 47m
                file: 02/Job.sdc
                text: |+
                  [JobRestarted]
                  DateTimeStamp=02/03/2026,08:47:30
                  Job=MO-1001, 1
                  ArticleKey=WIRE-07-A

            expect:
              commands:
                odoo:
                  - operation: downtime.record
                    key: komax-1
                    arguments:
                      workcenter: KOMAX
                      from: 2026-03-02T07:00:00.000000Z
                      to: 2026-03-02T07:47:30.000000Z
                      reason: stopped

        """#
}
