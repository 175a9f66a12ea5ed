extension FolderTemplate {
    /// Changes in Odoo as events, and what follows from them there.
    static let odoo = FolderTemplate(
        summary: "Changes in Odoo as events, and what follows from them there.",
        files: [
            File("millwright.yaml", node),
            File("plants.yaml", odooPlants),
            File("sources/odoo.yaml", odooSourcesOdoo),
            File("flows/large-orders.yaml", odooFlowsLargeOrders),
            File("maps/large-orders.jq", odooMapsLargeOrders),
            File("crosswalks/responsible.csv", odooCrosswalksResponsible),
            File("targets/odoo.yaml", odooTarget),
            File("tests/orders.yaml", odooTestsOrders),
            File(".gitignore", ignored),
        ])

    private static let odooPlants = #"""
        # The plants that the node works for. Times that come without a zone are the plant's.
        plants:
          lyon:
            zone: Europe/Paris
            company: Example SAS
            assets:
              press-1: { area: forming, workcenter: PRESS1 }

        """#

    private static let odooSourcesOdoo = #"""
        # What changes in Odoo becomes canonical events: orders of all kinds, goods, invoices, master data.
        # With the companion addon each committed change comes once and in order; without it, Odoo is polled.
        source: odoo
        protocol: odoo
        plant: lyon
        endpoint: https://odoo.example.com
        database: production
        login: mes
        secret: ${env:ODOO_API_KEY}
        every: 5s

        """#

    private static let odooFlowsLargeOrders = #"""
        # A large order of a customer is looked at by the person who is responsible for the customer.
        flow: large-orders
        owner: sales
        when:
          type: "millwright.sales-order.confirmed.*"
          plant: lyon
          where: .data.total >= 10000
        target: odoo
        operation: activity.create
        map: maps/large-orders.jq
        key: subject
        # A flow that moves stock lets commands of one product take turns: at the same time they conflict in Odoo.
        # conflictKeys: '[.data.item]'

        """#

    private static let odooMapsLargeOrders = #"""
        # A customer that the table does not have is an exception for a person, never a guess.
        {model: "sale.order", record: .data.order, person: lookup("responsible"; .data.customer),
         summary: "Confirm the delivery date", note: "\(.data.total) \(.data.currency)"}

        """#

    private static let odooCrosswalksResponsible = #"""
        customer,to
        ACME,anna@example.com
        GLOBEX,bert@example.com

        """#

    private static let odooTestsOrders = #"""
        # What comes from Odoo, and what must become of it. `millwright test` runs this;
        # `millwright test --update` fills in what came out. Events of a running node come by
        # `millwright tap --save FILE`, then eventsFrom: FILE
        cases:
          - case: a large order is somebody's to do
            at: 2026-03-02T09:00:00Z
            given:
              - source: odoo
                events:
                  - type: millwright.sales-order.confirmed.v1
                    subject: S00042
                    data: { order: S00042, customer: ACME, total: 12500, currency: EUR }
            expect:
              commands:
                odoo:
                  - operation: activity.create
                    key: S00042
                    arguments:
                      model: sale.order
                      record: S00042
                      person: anna@example.com
                      summary: Confirm the delivery date
                      note: 12500 EUR

          - case: a small one is nobody's
            at: 2026-03-02T09:00:00Z
            given:
              - source: odoo
                events:
                  - type: millwright.sales-order.confirmed.v1
                    subject: S00043
                    data: { order: S00043, customer: ACME, total: 120, currency: EUR }
            expect:
              commands: {}

          - case: a customer whom nobody is responsible for waits for a person
            at: 2026-03-02T09:00:00Z
            given:
              - source: odoo
                events:
                  - type: millwright.sales-order.confirmed.v1
                    subject: S00044
                    data: { order: S00044, customer: INITECH, total: 50000, currency: EUR }
            expect:
              commands: {}
              exceptions:
                - { code: ROUTE-003, where: flow large-orders, message: INITECH }

        """#
}
