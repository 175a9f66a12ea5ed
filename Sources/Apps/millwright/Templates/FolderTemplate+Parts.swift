// Files that several templates have.
extension FolderTemplate {
    /// What no repository should hold.
    static let ignored = #"""
        # What a running node makes, and what nobody should share.
        data/
        keys/
        machine/

        """#

    /// Where commands go.
    static let odooTarget = #"""
        # Where commands go. The key is read when the node starts, and never stands here.
        target: odoo
        protocol: odoo
        endpoint: https://odoo.example.com
        database: production
        login: mes
        secret: ${env:ODOO_API_KEY}
        # The field of Odoo's manufacturing orders in which the machine's order number stands.
        orderBy: origin

        """#

    /// Pieces made, as progress of their order.
    static let progressMap = #"""
        # Pieces made for an order: the order's own quantity grows by them.
        {order: .subject, quantity: .data.quantity, time: .time}

        """#

    /// Stops, as downtimes.
    static let downtimeFlow = #"""
        # A stop that is over becomes a downtime of the work center.
        flow: downtime
        owner: maintenance
        when: { type: "millwright.equipment.state-changed.*", plant: lyon }
        target: odoo
        operation: downtime.record
        map: maps/downtime.jq
        key: .data.asset

        """#

    /// A stop that is over.
    static let downtimeMap = #"""
        # Only the end of a stop: then both of its ends are known. An asset that the table does not have is an exception
        # for a person, never a guess.
        if .data.previous == "down" and .data.previousSince != null then
          {workcenter: lookup("work-centers"; .data.asset), from: .data.previousSince, to: .data.since,
           reason: (.data.reason // "stopped")}
        else empty end

        """#

    /// A node that nobody reaches.
    static let node = #"""
        # The node: one running process with one store. `millwright check` says what is wrong with this folder.
        node: NODE
        store: { path: data, ceiling: 2GiB }

        """#
}
