import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

@Suite("what a count replaces")
struct CountedStockTests {
    private static func unit() throws -> UnitTable.Unit {
        UnitTable.Unit(
            id: 1, name: "Units", step: try #require(ExactNumber(text: "0.01")),
            scale: UnitScale(base: "count", ratio: ExactNumber(1)))
    }

    private static func row(_ quantity: JSON, in package: JSON = false, of owner: JSON = false) -> OdooRow {
        OdooRow(["quantity": quantity, "package_id": package, "owner_id": owner])
    }

    private static func refusal(_ rows: [OdooRow], package: Int? = nil) throws -> Failure? {
        let unit = try unit()
        do {
            _ = try CountedStock.quantity(rows, package: package, of: "Bolt", in: unit)
            return nil
        } catch {
            return error.failure
        }
    }

    @Test("it is the one record of what lies loose, or of the package that is named")
    func own() throws {
        let unit = try Self.unit()
        let loose = try CountedStock.quantity([Self.row(3)], package: nil, of: "Bolt", in: unit)
        #expect(loose == ExactNumber(3))
        let packed = try CountedStock.quantity([Self.row(4, in: [5, "P5"])], package: 5, of: "Bolt", in: unit)
        #expect(packed == ExactNumber(4))
        let none = try CountedStock.quantity([], package: nil, of: "Bolt", in: unit)
        #expect(none.isZero)
    }

    @Test("other stock of the same refuses it, by name and quantity")
    func others() throws {
        let rows = [
            Self.row(3), Self.row(4, in: [5, "P5"]), Self.row(2, of: [9, "Acme"]),
            Self.row(1, in: [5, "P5"], of: [9, "Acme"]),
        ]
        let failure = try Self.refusal(rows)
        #expect(failure?.kind == OdooFailures.packedStock)
        #expect(
            failure?.message == "inventory.count: of Bolt there are also 4 Units in the package P5, 2 Units of the "
                + "owner Acme, 1 Units in the package P5 of the owner Acme")
        // In the package that is named, only what is somebody else's.
        let owned = try Self.refusal([rows[1], rows[3]], package: 5)
        #expect(owned?.message.hasSuffix("also 1 Units in the package P5 of the owner Acme") == true)
        let many = (1...9).map { Self.row(1, in: [.int($0), .string("P\($0)")]) }
        #expect(try Self.refusal(many)?.message.hasSuffix("P5 and 4 more") == true)
    }

    @Test("less than the unit's rounding is no stock")
    func crumbs() throws {
        let crumb = JSON.number(try #require(ExactNumber(text: "0.000001")))
        let quantity = try CountedStock.quantity(
            [Self.row(crumb, in: [5, "P5"]), Self.row(3), Self.row(crumb)], package: nil, of: "Bolt", in: Self.unit())
        #expect(quantity == ExactNumber(3))
    }

    @Test("stock that Odoo keeps twice is not counted before Odoo has made one of it")
    func twice() throws {
        let failure = try Self.refusal([Self.row(3), Self.row(2)])
        #expect(failure?.kind == OdooFailures.packedStock && failure?.message.contains("2 records") == true)
        #expect(failure?.suggestion.contains("Physical Inventory") == true)
    }
}
