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
}
