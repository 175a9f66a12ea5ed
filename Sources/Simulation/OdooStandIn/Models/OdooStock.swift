// What lies where: quants, and how moves change and reserve them.
extension OdooEnvironment {
    /// The quants of a product, oldest first.
    func quants(product: Int) -> [Int] { children("stock.quant", "product_id", of: product) }
    func quants(lot: Int) -> [Int] { children("stock.quant", "lot_id", of: lot) }

    /// The quant of a product, lot, package and owner in exactly that place.
    func quant(_ product: Int, at place: Int, lot: Int?, package: Int? = nil, owner: Int? = nil) -> Int? {
        quants(product: product).first {
            one("stock.quant", $0, "location_id") == place && one("stock.quant", $0, "lot_id") == lot
                && one("stock.quant", $0, "package_id") == package && one("stock.quant", $0, "owner_id") == owner
        }
    }

    /// Whether a place is the other place or lies in it.
    func isPlace(_ place: Int, in outer: Int) -> Bool {
        var current: Int? = place
        var depth = 0
        while let here = current, depth < 50 {
            if here == outer { return true }
            current = one("stock.location", here, "location_id")
            depth += 1
        }
        return false
    }

    func isInternal(_ place: Int) -> Bool { ["internal", "transit"].contains(text("stock.location", place, "usage")) }

    /// Whether stock there counts: below the places of the context's `location`, or in internal places without one.
    func isCounted(_ place: Int) -> Bool {
        guard let given = context["location"] else { return isInternal(place) }
        let places = given.array?.compactMap(\.int) ?? [given.int].compactMap { $0 }
        return places.contains { isPlace(place, in: $0) }
    }

    /// Stock of a product in the places that count.
    func stock(of product: Int, free: Bool) -> Double {
        quants(product: product).reduce(0) { sum, quant in
            guard isCounted(one("stock.quant", quant, "location_id") ?? 0) else { return sum }
            return sum + number("stock.quant", quant, "quantity")
                - (free ? number("stock.quant", quant, "reserved_quantity") : 0)
        }
    }

    /// What open moves bring into the places that count from outside, or take out of them.
    func planned(of product: Int, incoming: Bool) -> Double {
        children("stock.move", "product_id", of: product).reduce(0) { sum, move in
            guard
                ["waiting", "confirmed", "partially_available", "assigned"].contains(text("stock.move", move, "state"))
            else {
                return sum
            }
            let from = isCounted(one("stock.move", move, "location_id") ?? 0)
            // From 18 on a chain of moves counts for where it ends.
            let end = version >= .v18 ? one("stock.move", move, "location_final_id") : nil
            let to = isCounted(end ?? one("stock.move", move, "location_dest_id") ?? 0)
            let counts = incoming ? to && !from : from && !to
            return counts ? sum + number("stock.move", move, "product_uom_qty") : sum
        }
    }

    /// Stock plus what open moves bring, minus what they take.
    func forecast(of product: Int) -> Double {
        stock(of: product, free: false) + planned(of: product, incoming: true)
            - planned(of: product, incoming: false)
    }

    /// Adds to (or takes from) the quant of a product, lot, package, owner and place; it may go below zero.
    mutating func changeStock(
        _ product: Int, at place: Int, lot: Int?, package: Int? = nil, owner: Int? = nil, by quantity: Double
    ) {
        guard isStorable(product), quantity != 0 else { return }
        if let quant = quant(product, at: place, lot: lot, package: package, owner: owner) {
            stamp("stock.quant", quant, ["quantity": .float(number("stock.quant", quant, "quantity") + quantity)])
        } else {
            _ = insert(
                "stock.quant",
                [
                    "product_id": .id(product), "location_id": .id(place), "lot_id": lot.map { .id($0) } ?? .empty,
                    "package_id": package.map { .id($0) } ?? .empty, "owner_id": owner.map { .id($0) } ?? .empty,
                    "quantity": .float(quantity),
                ])
        }
    }

    /// Reserves (or, with a negative quantity, frees) in the quant of that lot, package, owner and place.
    mutating func changeReservation(
        _ product: Int, at place: Int, lot: Int?, package: Int? = nil, owner: Int? = nil, by quantity: Double
    ) {
        guard isStorable(product), isInternal(place),
            let quant = quant(product, at: place, lot: lot, package: package, owner: owner)
        else { return }
        let reserved = number("stock.quant", quant, "reserved_quantity") + quantity
        assign("stock.quant", quant, ["reserved_quantity": .float(Swift.max(0, reserved))])
    }

    /// What of a product can be reserved below a place: per quant, oldest first.
    func reservable(
        _ product: Int, below place: Int, lot: Int?
    ) -> [(lot: Int?, package: Int?, owner: Int?, place: Int, quantity: Double)] {
        quants(product: product).compactMap { quant in
            let here = one("stock.quant", quant, "location_id") ?? 0, own = one("stock.quant", quant, "lot_id")
            guard isPlace(here, in: place), lot == nil || own == lot else { return nil }
            let free = number("stock.quant", quant, "quantity") - number("stock.quant", quant, "reserved_quantity")
            guard free > 0.000_001 else { return nil }
            return (own, one("stock.quant", quant, "package_id"), one("stock.quant", quant, "owner_id"), here, free)
        }
    }

    /// Posts the difference between the counted and the known quantity as a move.
    mutating func applyInventory(_ quant: Int) {
        guard let product = one("stock.quant", quant, "product_id"),
            let place = one("stock.quant", quant, "location_id")
        else { return }
        let lot = one("stock.quant", quant, "lot_id")
        let difference = number("stock.quant", quant, "inventory_quantity") - number("stock.quant", quant, "quantity")
        let from = difference >= 0 ? inventoryPlace : place, to = difference >= 0 ? place : inventoryPlace
        let name = context["inventory_name"]?.string
        if difference != 0 {
            _ = postMove(
                product, abs(difference), from: from, to: to, lot: lot,
                extra: ["inventory_name": name.map { .text($0) } ?? .empty],
                label: name ?? "Product Quantity Updated", counting: quant)
        }
        stamp("stock.quant", quant, ["inventory_quantity": .float(0), "inventory_quantity_set": false])
    }

    /// Brings the stock of an untracked product in the warehouse to `quantity`.
    mutating func adjustStock(of product: Int, to quantity: Double) {
        let quant =
            quant(product, at: stockPlace, lot: nil)
            ?? insert("stock.quant", ["product_id": .id(product), "location_id": .id(stockPlace)])
        assign("stock.quant", quant, ["inventory_quantity": .float(quantity)])
        applyInventory(quant)
    }

    /// Makes a move with one line and posts it at once.
    mutating func postMove(
        _ product: Int, _ quantity: Double, from: Int, to: Int, lot: Int?, extra: OdooValues, label: String,
        counting quant: Int? = nil
    ) -> Int {
        var values = extra
        values["product_id"] = .id(product)
        values["product_uom_qty"] = .float(quantity)
        values["product_uom"] = value("product.product", product, "uom_id")
        values["location_id"] = .id(from)
        values["location_dest_id"] = .id(to)
        values["state"] = "done"
        values["picked"] = true
        values["date"] = .instant(now)
        if version < .v19 { values["name"] = .text(label) }
        let move = insert("stock.move", values)
        let package = quant.flatMap { one("stock.quant", $0, "package_id") }
        let owner = quant.flatMap { one("stock.quant", $0, "owner_id") }
        let isMore = quant.map { one("stock.quant", $0, "location_id") == to } ?? false
        let line = insertLine(
            move, quantity, lot: lot, package: isMore ? nil : package, owner: owner, place: from, picked: true)
        if isMore, let package { assign("stock.move.line", line, ["result_package_id": .id(package)]) }
        assign("stock.move.line", line, ["state": "done"])
        if let quant {
            // The counted quant itself takes the difference, also where an older one lies in the same place.
            let sign = isMore ? 1.0 : -1.0
            stamp(
                "stock.quant", quant, ["quantity": .float(number("stock.quant", quant, "quantity") + sign * quantity)])
            changeStock(product, at: isMore ? from : to, lot: lot, owner: owner, by: -sign * quantity)
        } else {
            changeStock(product, at: from, lot: lot, by: -quantity)
            changeStock(product, at: to, lot: lot, by: quantity)
        }
        return move
    }
}
