import Console
import Contracts
import ExactJSON
import Testing
import World
import WorldLive

@Suite("Schemas over HTTP", .timeLimit(.minutes(2)))
struct SchemaRoutesTests {
    private static let catalog = SchemaCatalog(
        [
            .init(
                type: "acme.torque.measured.v1", id: nil, title: nil, summary: "What a wrench says", isCanonical: false,
                next: "acme.torque.measured.v2"),
            .init(
                type: "acme.torque.measured.v2", id: "https://acme.example/torque", title: "Torque", summary: nil,
                isCanonical: false),
        ],
        documents: [
            "acme.torque.measured.v1": Array(#"{"$ref": "common.json#/$defs/torque"}"#.utf8),
            "acme.torque.measured.v2": Array("true".utf8), "common": Array(#"{"$defs": {"torque": {}}}"#.utf8),
        ])

    private static func access(_ tokens: [ConsoleToken] = []) -> ConsoleAccess {
        ConsoleAccess(
            tokens: tokens, isOpen: false, isSecure: false, isLoopback: true, clock: LiveClock(),
            entropy: LiveEntropy())
    }

    @Test("types are listed with what they are called and become; each schema is served as the folder has it")
    func served() async throws {
        try await withListener(SchemaRoutes.routes(Self.catalog, access: Self.access())) { port in
            let list = try JSONReader.read(try await get(port, "/v1/schemas").body)["schemas"]?.array ?? []
            #expect(list.map { $0["type"] } == ["acme.torque.measured.v1", "acme.torque.measured.v2"])
            #expect(list.first?["next"] == "acme.torque.measured.v2")
            #expect(list.last?["dataschema"] == "https://acme.example/torque")
            let schema = try await get(port, list.first?["href"]?.string ?? "")
            #expect(schema.headers["Content-Type"] == "application/schema+json")
            #expect(String(decoding: schema.body, as: UTF8.self) == #"{"$ref": "common.json#/$defs/torque"}"#)
        }
    }

    @Test("a neighbour that a schema refers to is where the reference leads; what is not there is not found")
    func neighbours() async throws {
        try await withListener(SchemaRoutes.routes(Self.catalog, access: Self.access())) { port in
            let neighbour = try await get(port, "/v1/schemas/common.json")
            #expect(neighbour.body == Array(#"{"$defs": {"torque": {}}}"#.utf8))
            #expect(try await get(port, "/v1/schemas/acme.torque.measured.v2.json").status == 200)
            for name in ["acme.torque.measured.v3", ".json", "..%2Fmillwright.yaml"] {
                #expect(try await get(port, "/v1/schemas/\(name)").status == 404, "\(name)")
            }
        }
    }

    @Test("where the console has tokens, schemas are for those who bear one")
    func guarded() async throws {
        let token = ConsoleToken(
            name: "vera", scope: .viewer, token: try #require(BearerToken("token-of-vera-0123456789")))
        try await withListener(SchemaRoutes.routes(Self.catalog, access: Self.access([token]))) { port in
            let turned = try await get(port, "/v1/schemas")
            #expect(turned.status == 401)
            let headers: HTTPHeaders = ["Authorization": "Bearer token-of-vera-0123456789"]
            #expect(try await get(port, "/v1/schemas", headers: headers).status == 200)
        }
    }
}
