import Canonical
import Console
import Contracts
import ExactJSON
import Intake
import NodeConnector
import NodeSettings
import Runtime
import World

/// What a node answers over HTTP: its doors for events and edges, its pages, its interface for programs.
struct NodeConsole {
    let folder: NodeFolder
    let parts: NodeParts
    let engine: NodeEngine
    let overview: NodeOverview
    let health: NodeHealth
    let metrics: NodeMetrics
    let sessions: ConsoleSessions
    /// Takes the wishes of people to have the folder read again; nil where nobody looks at it.
    let news: SettingsNews?
    let world: World
    let environment: [String: String]

    /// All routes. Throws where a secret cannot be read, or two routes clash.
    func generation() throws -> RouteBoard.Generation {
        let access = try Composition.consoleAccess(folder, world: world, environment: environment, sessions: sessions)
        let answers = AnswerRoutes.routes(
            try Composition.answerDoors(folder, desks: engine.desks, world: world, environment: environment))
        let (overview, health, metrics) = (overview, health, metrics)
        let routes =
            doors + answers
            + HealthRoutes.routes(access: access, stuck: { health.stuck() }, report: { await health.report() })
            + MetricsRoutes.routes(access: access) { await metrics.gather() }
            + OverviewRoutes.routes(access: access, entropy: world.entropy) { await overview.snapshot() }
            + pages(access)
        return try RouteBoard.Generation(
            routes + [OpenAPIDocument.route(routes, version: Version.text, access: access)],
            streams: OverviewRoutes.streams(access: access, clock: world.clock) { await overview.snapshot() })
    }

    /// Where events come in, and where edges fetch theirs.
    private var doors: [Route] {
        parts.sources.flatMap(\.routes)
            + parts.targets.compactMap { $0.target as? DownlinkTarget }.flatMap(\.routes)
    }

    private func pages(_ access: ConsoleAccess) -> [Route] {
        let store = engine.store
        let desk = Desk(store: store, clock: world.clock)
        let node = PageFrame.Node(
            name: folder.node.node.rawValue, role: NodeOverview.role(of: folder), version: Version.text)
        let door = PageDoor(access, node: node, entropy: world.entropy)
        let view = view
        return LoginRoutes.routes(access, node: node, entropy: world.entropy)
            + DeskRoutes.routes(desk, access: access)
            + DeskPages(desk, door: door).routes
            + RunningRoutes.routes(view, desk: desk, access: access)
            + RunningPages(view, desk: desk, door: door).routes
            + TracePages(store: store, door: door).routes
            + SchemaRoutes.routes(Composition.schemaCatalog(folder), access: access)
            + RecordPages(store: store, door: door, reloader: reloader).routes
    }

    private var reloader: SettingsReloader? {
        news.map { news in
            SettingsReloader(clock: world.clock) {
                news.ask(by: $0)
            } standing: {
                news.standing(of: $0)
            }
        }
    }

    /// What runs, to be looked at.
    private var view: RunningView {
        let (overview, intake) = (overview, engine.intake)
        return RunningView(
            store: engine.store,
            plan: Composition.runningPlan(folder, commandTargets: parts.targets.map(\.target.name)),
            clock: world.clock
        ) {
            await overview.snapshot()
        } tags: { source in
            TagLines(intake.activity(of: SourceName(source)).tags)
        }
    }
}

extension TagLines {
    fileprivate init(_ board: TagBoard) {
        let lines = board.lines.sorted { $0.key < $1.key }.map { name, line in
            let value: String? =
                switch line.value {
                case .value(let json): json.description
                case .record(let members): JSON.object(members).description
                case .unavailable: nil
                }
            return TagLine(
                asset: name.asset.rawValue, tag: name.tag, value: value, time: line.time, count: line.count)
        }
        self.init(lines: lines, isCut: board.isCut)
    }
}
