import Contracts
import ExactJSON
import OdooConnector
import Testing

@Suite("drafts of crosswalks from Odoo's codes")
struct CrosswalkDraftTests {
    @Test("each code that Odoo has stands in a row whose key is to be filled in, in the order of the codes")
    func fresh() {
        let draft = CrosswalkDraft([OdooCode("PRESS", "Press 1"), OdooCode("CUT-1", "Saw"), OdooCode("WELD")])
        #expect(draft.text == "from,to,note\n,CUT-1,Saw\n,PRESS,Press 1\n,WELD,\n")
        #expect(draft.unkeyed == ["CUT-1", "PRESS", "WELD"] && draft.strays.isEmpty && draft.shared.isEmpty)
    }

    @Test("rows that there are stay first, as they are, and only an empty note is filled")
    func kept() {
        let draft = CrosswalkDraft(
            [OdooCode("PRESS", "Press 1"), OdooCode("CUT-1", "Saw")], keyColumns: ["plant", "asset"],
            known: [
                .init(key: ["lyon", "press-2"], value: "PRESS", note: "by hand"),
                .init(key: ["lyon", "press-1"], value: "PRESS"), .init(key: ["graz", "oven"], value: "OVEN"),
            ])
        #expect(
            draft.text == """
                plant,asset,to,note
                lyon,press-2,PRESS,by hand
                lyon,press-1,PRESS,Press 1
                graz,oven,OVEN,
                ,,CUT-1,Saw

                """)
        #expect(draft.unkeyed == ["CUT-1"] && draft.strays == ["OVEN"])
    }

    @Test("a draft of what was filled in is that again")
    func again() {
        let codes = [OdooCode("A", "one"), OdooCode("B")]
        let filled = CrosswalkDraft(codes).rows.enumerated().map { number, row in
            CrosswalkDraft.Row(key: ["m\(number)"], value: row.value, note: row.note)
        }
        let draft = CrosswalkDraft(codes, known: filled)
        #expect(draft.rows == filled && draft.unkeyed.isEmpty)
    }

    @Test("a code of several records stands once, and says so")
    func shared() {
        let draft = CrosswalkDraft([OdooCode("B-1", "Bolt"), OdooCode("B-1", "Bracket"), OdooCode("C")])
        #expect(draft.shared == ["B-1"])
        #expect(draft.rows.map(\.value) == ["B-1", "C"])
        #expect(draft.rows.first?.note == "2 records in Odoo have this code: Bolt; Bracket")
    }

    @Test("cells that a reader would take for something else stand in quotes")
    func quotes() {
        let draft = CrosswalkDraft([OdooCode("a,b", "6\" pipe"), OdooCode(" c", "line\nbreak"), OdooCode("d'e", "x y")])
        #expect(draft.text == "from,to,note\n,\" c\",\"line\nbreak\"\n,\"a,b\",\"6\"\" pipe\"\n,d'e,x y\n")
    }

    @Test("an Odoo without such records leaves what there is")
    func nothing() {
        #expect(CrosswalkDraft([]).text == "from,to,note\n")
        #expect(CrosswalkDraft([], known: [.init(key: ["a"], value: "b")]).text == "from,to,note\na,b,\n")
    }
}

extension PeersRecords {
    @Suite("the codes of each Odoo at hand", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct OdooCodeListPeerTests {
        private func list(_ peer: Peer, page: Int = 1_000, maximum: Int = 50_000) -> OdooCodeList {
            OdooCodeList(address: peer.user, network: peer.network, page: page, maximum: maximum)
        }

        @Test("every table is read, each record by what commands name it by", arguments: Peer.all)
        func tables(_ peer: Peer) async throws {
            let name = "code\(peer.run)\(peer.hasGateway ? "g" : "r")"
            _ = try await peer.provisioner.provision(
                products: [.init(code: name, name: "Product \(name)")],
                workCenters: [.init(code: name, name: "Center \(name)")])
            _ = try await peer.asAdmin(
                .create("res.partner", [["name": .string("Partner \(name)"), "ref": .string(name)]]))
            let wanted: [(CodeTable, OdooCode)] = [
                (.products, OdooCode(name, "Product \(name)")), (.workCenters, OdooCode(name, "Center \(name)")),
                (.partners, OdooCode(name, "Partner \(name)")),
            ]
            for (table, code) in wanted {
                let listing = try await list(peer).listing(of: table)
                #expect(listing.codes.contains(code), "\(table)")
                #expect(!listing.isCut)
            }
            let places = try await list(peer).listing(of: .locations).codes.map(\.code)
            #expect(places.contains("WH/Stock"), "\(places)")
            let losses = try await list(peer).listing(of: .losses).codes
            #expect(losses.contains { $0.code == "Equipment Failure" && $0.note == "availability" }, "\(losses)")
            let units = try await list(peer).listing(of: .units).codes.map(\.code)
            #expect(units.contains("Units"), "\(units)")
        }

        @Test("pages add up to the whole, and what is beyond the bound is said to be left out", arguments: Peer.all)
        func pages(_ peer: Peer) async throws {
            let whole = try await list(peer).listing(of: .units)
            try #require(whole.codes.count > 3)
            for page in [1, 2, whole.codes.count] {
                let paged = try await list(peer, page: page).listing(of: .units)
                #expect(paged == whole, "\(page)")
            }
            let cut = try await list(peer, page: 2, maximum: 3).listing(of: .units)
            #expect(cut.isCut && cut.codes == Array(whole.codes.prefix(3)))
        }

        @Test("an Odoo that refuses the key is told of as elsewhere", arguments: Peer.all)
        func refused(_ peer: Peer) async throws {
            let address = OdooAddress(
                endpoint: peer.user.endpoint, database: peer.user.database, login: peer.user.login, secret: "wrong")
            let failure = await #expect(throws: Failure.self) {
                _ = try await OdooCodeList(address: address, network: peer.network).listing(of: .units)
            }
            #expect(failure?.kind == OdooFailures.credentials)
        }
    }
}
