import Canonical
import Console
import Contracts
import ExactJSON
import NodeSecurity
import NodeSettings
import World

extension Composition {
    /// Who may use the console. Throws ``Failure`` where a token cannot be read or is too short to be one.
    static func consoleAccess(
        _ folder: NodeFolder, world: World, environment: [String: String],
        sessions: ConsoleSessions = ConsoleSessions()
    ) throws -> ConsoleAccess {
        let reader = SecretReader(disk: world.disk, environment: environment)
        let tokens = try folder.node.console.tokens.map { section in
            guard let token = BearerToken(try reader.read(section.secret).reveal) else {
                throw CommandFailure(
                    description: """
                        the token of \(section.name) (\(section.secret)) has fewer than \(BearerToken.minimumLength) \
                        characters: make one with `openssl rand -hex 24`
                        """,
                    code: 2)
            }
            return ConsoleToken(
                name: section.name, scope: ConsoleScope(rawValue: section.scope) ?? .viewer, token: token)
        }
        return ConsoleAccess(
            tokens: tokens, isOpen: folder.node.console.isOpen, isSecure: folder.node.security.tls != nil,
            isLoopback: folder.node.listen.map { ListenerSettings(host: $0.host, port: $0.port).isLoopback } ?? true,
            clock: world.clock, entropy: world.entropy, sessions: sessions)
    }

    /// What the settings say of what runs.
    static func runningPlan(_ folder: NodeFolder, commandTargets: [TargetName]) -> RunningPlan {
        RunningPlan(
            flows: folder.flows.map { flow in
                let pace: String? =
                    switch flow.sync {
                    case .realTime: nil
                    case .microBatch: "micro-batch"
                    case .batch: "batch"
                    }
                return RunningPlan.Flow(
                    name: flow.name, target: flow.target, operation: flow.operation,
                    types: flow.when.types.map(\.description), pace: pace, isShadow: folder.isShadow(flow))
            }, targets: commandTargets)
    }

    /// The event types that a node with this folder knows.
    static func schemaCatalog(_ folder: NodeFolder) -> SchemaCatalog {
        var documents: [String: [UInt8]] = [:]
        for file in folder.files where file.path.hasPrefix("schemas/") && file.path.hasSuffix(".json") {
            documents[String(file.path.dropFirst("schemas/".count).dropLast(".json".count))] = file.bytes
        }
        var entries = folder.eventTypes.map { section in
            // A checked folder's schemas can be read; one that says nothing of itself is listed by its type.
            let document = documents[section.type].flatMap { try? JSONReader.read($0) } ?? .null
            return SchemaCatalog.Entry(
                type: section.type, id: document["$id"]?.string, title: document["title"]?.string,
                summary: document["description"]?.string, isCanonical: false,
                next: section.translation == nil ? nil : section.name.next.description)
        }
        for shape in FactShape.all {
            entries.append(
                SchemaCatalog.Entry(
                    type: shape.type, id: shape.dataSchema, title: "\(shape.family).\(shape.fact)",
                    summary: shape.summary, isCanonical: true))
            documents[shape.type] = shape.jsonSchema.bytes
        }
        return SchemaCatalog(entries, documents: documents)
    }
}
