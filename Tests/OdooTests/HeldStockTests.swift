import ExactJSON
import Testing

@testable import OdooConnector

@Suite("what of a lot goes into quarantine")
struct HeldStockTests {
    private static func share(
        _ lying: [(Int, String)], wanted: String? = nil, isCut: Bool = false
    ) throws -> HeldStock.Share {
        try HeldStock.Share(
            of: lying.map { .init(location: $0.0, quantity: try #require(ExactNumber(text: $0.1))) },
            wanted: wanted.map { try #require(ExactNumber(text: $0)) }, isCut: isCut)
    }

    private static func taken(_ share: HeldStock.Share) -> [Int: ExactNumber] {
        Dictionary(uniqueKeysWithValues: share.places.map { ($0.location, $0.quantity) })
    }

    @Test("a place with less than the unit's rounding hides none of those behind it")
    func crumbs() throws {
        let all = try Self.share([(1, "3"), (2, "0"), (3, "4"), (4, "0"), (5, "0.5")])
        let half = try #require(ExactNumber(text: "0.5"))
        #expect(Self.taken(all) == [1: ExactNumber(3), 3: ExactNumber(4), 5: half])
        #expect(all.total == ExactNumber(text: "7.5"))
        #expect(all.missing.isZero && !all.isCutShort)

        let part = try Self.share([(2, "0"), (1, "3"), (4, "0"), (3, "4"), (5, "9")], wanted: "5")
        #expect(Self.taken(part) == [1: ExactNumber(3), 3: ExactNumber(2)])
        #expect(part.missing.isZero)
    }

    @Test("nothing but crumbs is nothing, and what is too little says by how much")
    func tooLittle() throws {
        #expect(try Self.share([(1, "0"), (2, "0")]).places.isEmpty)
        #expect(try Self.share([]).places.isEmpty)
        let short = try Self.share([(1, "0"), (2, "3")], wanted: "5")
        #expect(short.missing == ExactNumber(2))
    }

    @Test("where there are more places than are looked at, only a quantity that the first ones hold is taken")
    func tooManyPlaces() throws {
        #expect(try Self.share([(1, "3"), (2, "4")], isCut: true).isCutShort)
        #expect(try Self.share([(1, "3"), (2, "4")], wanted: "8", isCut: true).isCutShort)
        #expect(try !Self.share([(1, "3"), (2, "4")], wanted: "7", isCut: true).isCutShort)
        #expect(try !Self.share([(1, "3"), (2, "4")], wanted: "8").isCutShort)
    }

    // MARK: Packages and owners

    private static func unit() throws -> UnitTable.Unit {
        UnitTable.Unit(
            id: 1, name: "Units", step: try #require(ExactNumber(text: "0.01")),
            scale: UnitScale(base: "count", ratio: ExactNumber(1)))
    }

    private static func row(
        at place: Int = 8, in package: Int? = nil, of owner: Int? = nil, product: Int = 1, lot: Int? = nil,
        _ quantity: Int
    ) -> OdooRow {
        func link(_ id: Int?) -> JSON {
            guard let id else { return false }
            return [.int(id), .string("#\(id)")]
        }
        return OdooRow([
            "location_id": link(place), "package_id": link(package), "owner_id": link(owner),
            "product_id": link(product), "lot_id": link(lot), "quantity": .int(quantity),
        ])
    }

    @Test("what lies loose, in each package and of each owner is a line of its own, as Odoo keeps it")
    func apart() throws {
        let places = try HeldStock.lying(
            [
                Self.row(3), Self.row(in: 5, 4), Self.row(of: 9, 2), Self.row(in: 5, of: 9, 1), Self.row(in: 5, 6),
                Self.row(at: 12, in: 6, 7),
            ], Self.unit())
        #expect(places.map(\.location) == [8, 8, 8, 8, 12])
        #expect(places.map(\.package) == [nil, 5, nil, 5, 6])
        #expect(places.map(\.owner) == [nil, nil, 9, 9, nil])
        let quantities = [3, 10, 2, 1, 7].map { (number: Int) -> ExactNumber in ExactNumber(number) }
        #expect(places.map(\.quantity) == quantities)

        let share = try HeldStock.Share(of: places, wanted: ExactNumber(5), isCut: false)
        #expect(share.places.map(\.package) == [nil, 5])
        #expect(share.places.map(\.quantity) == [ExactNumber(3), ExactNumber(2)])
    }

    @Test("a package goes as a whole only where all that is in it goes")
    func emptied() throws {
        let unit = try Self.unit()
        let contents = [
            // One that is held in full; one of which a part stays; one with another product, one with another lot.
            Self.row(in: 5, lot: 3, 4), Self.row(in: 5, of: 9, lot: 3, 1), Self.row(in: 6, lot: 3, 7),
            Self.row(in: 10, lot: 3, 2), Self.row(in: 10, product: 2, 1), Self.row(in: 11, lot: 3, 2),
            Self.row(in: 11, lot: 4, 2),
        ]
        let own = contents.filter { $0.link("product_id") == 1 && $0.link("lot_id") == 3 }
        var places = try HeldStock.lying(own, unit)
        for index in places.indices where places[index].package == 6 { places[index].quantity = ExactNumber(5) }
        let emptied = try HeldStock.emptied(by: places, contents, of: 1, 3, unit)
        #expect(emptied == [5])
        let other = try HeldStock.emptied(by: [], contents, of: 1, 3, unit)
        #expect(other.isEmpty)
    }
}
