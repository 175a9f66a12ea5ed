import Canonical
import Console
import Contracts
import NodeSettings
import Security
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
}
