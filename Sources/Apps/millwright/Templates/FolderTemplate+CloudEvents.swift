extension FolderTemplate {
    /// Events that another system posts over HTTP.
    static let cloudevents = FolderTemplate(
        summary: "Events that another system posts over HTTP.",
        files: [
            File("millwright.yaml", cloudeventsMillwright),
            File("plants.yaml", cloudeventsPlants),
            File("sources/mes.yaml", cloudeventsSourcesMes),
            File("flows/progress.yaml", cloudeventsFlowsProgress),
            File("maps/progress.jq", progressMap),
            File("targets/odoo.yaml", odooTarget),
            File("tests/mes.yaml", cloudeventsTestsMes),
            File(".gitignore", ignored),
        ])

    private static let cloudeventsMillwright = #"""
        # The node: one running process with one store. `millwright check` says what is wrong with this folder.
        node: NODE
        # Events come in, and the overview page is, at this address. Others reach it only with a certificate.
        listen: 127.0.0.1:8480
        store: { path: data, ceiling: 2GiB }

        """#

    private static let cloudeventsPlants = #"""
        # The plants that the node works for. Times that come without a zone are the plant's.
        plants:
          lyon:
            zone: Europe/Paris
            company: Example SAS
            assets:
              press-1: { area: forming, workcenter: PRESS1 }

        """#

    private static let cloudeventsSourcesMes = #"""
        # Takes CloudEvents 1.0 over HTTP: POST /v1/events. Where others reach the listener, ask for a token.
        source: mes
        protocol: http
        plant: lyon
        # token: ${env:MES_TOKEN}

        """#

    private static let cloudeventsFlowsProgress = #"""
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

    private static let cloudeventsTestsMes = #"""
        # What is posted, and what must become of it. `millwright test` runs this; `millwright test --update` fills in
        # what came out. Events of a running node: `millwright tap --save FILE`, then eventsFrom: FILE
        cases:
          - case: an event becomes progress of its order
            at: 2026-03-02T09:00:00Z
            given:
              - source: mes
                events:
                  - type: millwright.production.completed.v1
                    source: /lyon/press-1
                    subject: MO-7
                    data: { order: MO-7, quantity: { value: 5, unit: pcs } }
            expect:
              commands:
                odoo:
                  - operation: production.progress
                    key: MO-7
                    arguments:
                      order: MO-7
                      quantity: { value: 5, unit: pcs }
                      time: 2026-03-02T09:00:00.000000Z

          - case: the same event a second time changes nothing
            at: 2026-03-02T09:00:00Z
            given:
              - source: mes
                events:
                  - &run
                    id: run-1
                    type: millwright.production.completed.v1
                    source: /lyon/press-1
                    subject: MO-7
                    time: 2026-03-02T08:59:00Z
                    data: { order: MO-7, quantity: { value: 5, unit: pcs } }
                  - *run
            expect:
              events:
                - { id: run-1 }
              commands:
                odoo:
                  - { operation: production.progress, key: MO-7 }

          - case: a body that is no event waits for a person
            at: 2026-03-02T09:00:00Z
            given:
              - source: mes
                text: '{"specversion":"1.0","id":"1","type":"millwright.production.completed.v1"}'
            expect:
              events: []
              exceptions:
                - { code: HTTP-002 }

          - case: an event that lacks what its type says waits for a person
            at: 2026-03-02T09:00:00Z
            given:
              - source: mes
                events:
                  - type: millwright.production.completed.v1
                    source: /lyon/press-1
                    subject: MO-7
                    data: { order: MO-7 }
            expect:
              events: []
              exceptions:
                - { code: HTTP-003 }

        """#
}
