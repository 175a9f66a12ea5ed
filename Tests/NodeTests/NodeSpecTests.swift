import Contracts
import Foundation
import NodeConnector
import NodeSecurity
import Testing

@Suite struct NodeSpecTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Connectors/Node")

    static let specs = [NodeSpec.uplink, NodeSpec.intake, NodeSpec.downlinkTarget, NodeSpec.downlinkSource]

    @Test("the example file has each spec's own example", arguments: specs.indices)
    func examples(_ index: Int) throws {
        let spec = Self.specs[index]
        let file = try String(contentsOf: Self.folder.appending(path: "example.yaml"), encoding: .utf8)
        #expect(file.contains(spec.example))
        let readme = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
        #expect(readme.contains("| `protocol: \(spec.name)` | \(spec.role.rawValue) |"))
    }

    @Test("the key in the examples is a key")
    func exampleKey() throws {
        let line = try #require(
            NodeSpec.downlinkSource.example.split(separator: "\n").first { $0.hasPrefix("hubKey: ") })
        #expect(NodePublicKey(String(line.dropFirst(8))) != nil)
    }

    @Test("every kind of failure has a code of its own, a title and a remedy")
    func failures() {
        let all = NodeFailures.all + SecurityFailures.all
        #expect(Set(all.map(\.code)).count == all.count)
        for kind in all {
            #expect(!kind.title.isEmpty && kind.remedy.hasSuffix("."), "\(kind.code)")
        }
    }

    @Test("a link is made from the settings that its spec describes, and from no others")
    func settings() throws {
        let location = SettingLocation(file: "targets/uplink.yaml", line: 1, column: 1)
        func uplink(_ hub: String) throws -> UplinkTarget {
            try UplinkTarget(
                name: "uplink",
                settings: Settings(
                    values: ["hub": .text(hub), "timeout": .duration(.seconds(5)), "compression": .text("deflate")],
                    location: location), node: Link.edge, key: Link.key, trust: .system,
                world: .test(clock: ManualClock(), network: RouteNetwork()), limits: Limits())
        }
        #expect(try uplink("https://hub:1/").name == "uplink")
        #expect(throws: Failure.self) { try uplink("http://hub:1/") }
        func downlink(_ key: String) throws -> DownlinkSource {
            try DownlinkSource(
                name: "orders",
                settings: Settings(
                    values: ["hub": .text("https://hub:1"), "timeout": .duration(.seconds(5)), "hubKey": .text(key)],
                    location: location), node: Link.edge, key: Link.key, trust: .system,
                world: .test(clock: ManualClock(), network: RouteNetwork()), limits: Limits())
        }
        #expect(try downlink(Link.key.publicKey.description).routes.isEmpty)
        let fault = #expect(throws: SettingFault.self) { try downlink("ed25519:xyz") }
        #expect(fault?.description.contains("hubKey") == true)
    }
}
