import Canonical
import Contracts
import ExactJSON
import Store
import Testing
import World

@Suite("the map of kept settings")
struct KeptMapTests {
    /// What the settings `files` have for the flow `progress`.
    private func map(_ files: [(String, String)]) throws -> JSON? {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        let image = SettingsImage(files.map { (path: $0.0, bytes: Array($0.1.utf8)) }, reason: "start")
        let found = Box()
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            found.value = try await store.write { transaction in
                let id = try transaction.keepSettings(image, now: world.clock.now())
                let version = try #require(try transaction.settingsVersion(id))
                return try KeptMap(of: "progress", in: version, transaction)?.json
            }
            await store.close()
        }
        return found.value
    }

    private final class Box: @unchecked Sendable { var value: JSON? }

    private static func shown(_ path: String, _ text: String) -> JSON {
        ["path": .string(path), "text": .string(text), "isCut": false]
    }

    @Test("a flow's map is the file that it names, however the name is written")
    func named() throws {
        let program = ("maps/a.jq", "{order: .subject}\n")
        for line in ["map: maps/a.jq", "map:   \"maps/a.jq\"", "map: 'maps/a.jq' # ours", "map: maps/a.jq  # ours"] {
            let found = try map([("flows/progress.yaml", "flow: progress\n\(line)\ntarget: odoo\n"), program])
            #expect(found == Self.shown("maps/a.jq", program.1), "\(line)")
        }
    }

    @Test("it is the flow itself where the program stands in it, or where the file is not there")
    func within() throws {
        for line in ["jq: \"{map: 1}\"", "when: { map: maps/a.jq }", "map: maps/gone.jq", "map: # none"] {
            let flow = "flow: progress\n\(line)\n"
            let found = try map([("flows/progress.yaml", flow), ("maps/a.jq", "1")])
            #expect(found == Self.shown("flows/progress.yaml", flow), "\(line)")
        }
    }

    @Test("a flow is found by what it calls itself, and there is no map of one that there is not")
    func called() throws {
        let flow = "# first\r\nflow: \"progress\"\r\njq: '.'\r\n"
        let other = ("flows/progress.yaml", "flow: other\njq: '.'\n")
        let found = try map([other, ("flows/zz.yaml", flow)])
        #expect(found == Self.shown("flows/zz.yaml", flow))
        let none = try map([other, ("flows/progressive.yaml", "flow: progressive\n")])
        #expect(none == nil)
    }

    @Test("a long one is cut, and says so")
    func long() throws {
        let text = "flow: progress\njq: '" + String(repeating: "x", count: KeptMap.maximumBytes) + "'\n"
        let found = try map([("flows/progress.yaml", text)])
        #expect(found?["isCut"] == true && found?["text"]?.string?.utf8.count == KeptMap.maximumBytes)
    }
}
