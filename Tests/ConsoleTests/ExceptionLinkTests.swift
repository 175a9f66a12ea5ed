import Canonical
import Console
import Contracts
import ExactJSON
import Store
import Testing
import World
import WorldLive

@Suite("the record of an exception on its page", .timeLimit(.minutes(2)))
struct ExceptionLinkTests {
    @Test("a page leads to the record that it is about, shows nothing that a name could do, and no link without one")
    func link() async throws {
        let scratch = try Scratch()
        let world = World.live()
        let store = try Store(StoreSettings(path: scratch.path + "/node.db"), world: world)
        let address = "https://odoo.example.com/web#id=42&model=mrp.production&view_type=form"
        let subjects = ["mrp.production,42", "<script>x</script>\",7"].map {
            FailureSubject(system: "Odoo", title: $0, url: address)
        }
        #expect(subjects.allSatisfy { $0 != nil })
        try await store.write { transaction in
            for subject in subjects + [nil] {
                try transaction.insert(
                    ExceptionRecord(
                        kind: .rejected, created: world.clock.now(), target: "odoo",
                        failure: StoreFailures.full.failure("the order is closed").about(subject), original: []))
            }
        }
        let access = ConsoleAccess.open
        let node = PageFrame.Node(name: "hub", role: "hub", version: "1")
        let desk = Desk(store: store, clock: world.clock, patience: .milliseconds(50))
        let routes =
            DeskRoutes.routes(desk, access: access)
            + DeskPages(desk, door: PageDoor(access, node: node, entropy: world.entropy)).routes
        try await withListener(routes) { port in
            var pages: [String] = []
            for id in 1...3 {
                let page = try await get(port, "/exceptions/\(id)")
                #expect(page.status == 200)
                pages.append(String(decoding: page.body, as: UTF8.self))
            }
            let escaped = address.replacing("&", with: "&amp;")
            #expect(
                pages[0].contains(
                    "<a href=\"\(escaped)\" rel=\"noopener\">Open mrp.production 42 in Odoo</a>"), "\(pages[0])")
            #expect(pages[1].contains("rel=\"noopener\">Open &lt;script&gt;x&lt;/script&gt;&quot; 7 in Odoo</a>"))
            #expect(!pages[1].contains("<script>x"))
            #expect(!pages[2].contains("noopener"))

            let told = try await JSONReader.read(get(port, "/v1/exceptions/1").body)
            #expect(told["record"] == ["system": "Odoo", "title": "mrp.production,42", "url": .string(address)])
            let without = try await JSONReader.read(get(port, "/v1/exceptions/3").body)
            #expect(without["record"]?.isNull == true)
        }
        await store.close()
    }
}
