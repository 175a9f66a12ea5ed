import Canonical
import Console
import Contracts
import Delivery
import FilesConnector
import Foundation
import HTTPConnector
import Intake
import MTConnectConnector
import NodeConnector
import NodeSecurity
import NodeSettings
import OdooConnector
import Routing
import Runtime
import Signals
import Store
import World

/// Makes a running node's parts of its checked settings: the one place that knows every connector.
enum Composition {
    /// Every connector, as the settings know them.
    static let connectors: [ConnectorSpec] = [
        MTConnectSpec.source, FilesSpec.source, HTTPSpec.source, NodeSpec.intake, NodeSpec.downlinkSource,
        OdooSpec.source, OdooSpec.target, HTTPSpec.target, FilesSpec.target,
        FilesSpec.tables, NodeSpec.uplink, NodeSpec.downlinkTarget,
        NullStream.spec,
        PacedTarget.spec,
    ]

    /// Reads settings folders with all that this program knows.
    static func reader(disk: any Disk) -> FolderReader {
        FolderReader(disk: disk, connectors: connectors, signals: SignalSpec.kind) { source, name in
            FlowRule.check(source, name: name)
        }
    }

    /// Reads and checks a settings folder, with what only the whole program can tell: whether its signals work, and
    /// whether the node has what its connectors need.
    static func read(_ path: String, overlay: String?, disk: any Disk) -> FolderReport {
        let report = reader(disk: disk).read(path, overlay: overlay)
        guard let folder = report.folder else { return report }
        let places = SignalPlants(folder, home: nil)
        let signals = folder.sources.compactMap { section -> CheckFault? in
            do throws(SettingFault) {
                _ = try SignalProcessor(source: section.name, signals: section.signals, plants: places)
                return nil
            } catch {
                return CheckFault(
                    SignalFailures.settings, at: error.location, error.reason, suggestion: error.suggestion)
            }
        }
        return report.adding(signals + ConnectorNeeds(folder).faults + FolderKnowledge(folder).faults)
    }

    /// Reads and checks the tests of a settings folder.
    static func tests(_ path: String, of folder: NodeFolder, disk: any Disk) -> TestReport {
        let report = testReader(disk: disk).read(path, of: folder)
        return report.adding(TestNeeds(folder).faults(in: report.files))
    }

    /// Reads tests with all that this program knows.
    static func testReader(disk: any Disk) -> TestReader {
        TestReader(disk: disk) { source, name in FlowRule.check(source, name: name) }
    }

    /// What a folder's sources bring in, as its signals take it.
    static func intake(_ folder: NodeFolder, world: World) throws -> IntakeSettings {
        try PartsBuilder(folder: folder, world: world, environment: [:]).intake()
    }

    /// One of a folder's sources; its secrets, where it has any, are in `environment` or on the world's disk.
    static func source(
        _ section: SourceSection, of folder: NodeFolder, world: World, environment: [String: String] = [:]
    ) throws -> any Source {
        try PartsBuilder(folder: folder, world: world, environment: environment).source(section)
    }

    static func storePath(_ folder: NodeFolder) -> String { folder.node.store.path + "/node.db" }

    /// The parts of a node. `nodes` are the hub's enrolled edges.
    ///
    /// `reason`: why these settings run.
    static func parts(
        _ folder: NodeFolder, world: World, environment: [String: String], reason: String = "start"
    ) throws -> NodeParts {
        let builder = PartsBuilder(folder: folder, world: world, environment: environment)
        var limits = Limits()
        limits.pendingDeliveries = 5_000
        var retention = Retention()
        retention.events = folder.node.store.retention
        retention.commands = folder.node.store.history
        retention.identities = folder.node.store.identities
        let sources = try folder.sources.map { try builder.source($0) }
        var parts = NodeParts(
            store: StoreSettings(path: storePath(folder), ceiling: folder.node.store.ceilingBytes, limits: limits),
            retention: retention, intake: try builder.intake(), sources: sources,
            targets: try folder.targets.compactMap { try builder.target($0) },
            streams: try folder.targets.compactMap { try builder.stream($0) })
        parts.fromBeginning = Set(folder.targets.filter { $0.start == .beginning }.map(\.name))
        parts.fromNow = Set(folder.targets.filter { $0.start == .now }.map(\.name))
        for section in folder.targets { parts.quiet[section.name] = quiet(section, in: folder) }
        parts.settings = SettingsImage(folder.files, reason: reason)
        return parts
    }

    /// The targets that answer questions over HTTP, each with what requests must bear.
    static func answerDoors(
        _ folder: NodeFolder, desks: [AnswerDesk], world: World, environment: [String: String]
    ) throws -> [AnswerRoutes.Door] {
        let builder = PartsBuilder(folder: folder, world: world, environment: environment)
        return try desks.compactMap { desk in
            guard let section = folder.targets.first(where: { $0.name == desk.target.name }) else { return nil }
            return AnswerRoutes.Door(
                target: section.name, queries: type(of: desk.target).queries,
                token: try builder.answersToken(section)
            ) { query, arguments, within in await desk.ask(query, arguments, within: within) }
        }
    }

    /// When nothing is sent to a target; nil where its settings name no quiet hours.
    static func quiet(_ section: TargetSection, in folder: NodeFolder) -> QuietHours? {
        guard let quiet = section.quiet else { return nil }
        let plant = folder.plants.first { $0.target == section.name } ?? folder.plants.first
        return QuietHours(
            windows: quiet.windows, zone: quiet.zone ?? plant?.zone ?? "UTC",
            exemptsCritical: quiet.critical == .goes)
    }

    /// A target that can be asked what it has of what was posted: the one called `name`, or the only one.
    static func reconcilable(
        _ folder: NodeFolder, target name: String?, world: World, environment: [String: String]
    ) throws -> any Reconcilable {
        let builder = PartsBuilder(folder: folder, world: world, environment: environment)
        let able = folder.targets.filter { $0.protocolName == OdooSpec.target.name }
        let fitting = able.filter { name == nil || $0.name.rawValue == name }
        guard let section = fitting.first, fitting.count == 1,
            let target = try builder.target(section)?.target as? any Reconcilable
        else {
            let names = able.map(\.name.rawValue).joined(separator: ", ")
            throw CommandFailure(
                description:
                    "name one target with --target; those that can be compared: \(names.isEmpty ? "none" : names)",
                code: 2)
        }
        return target
    }

    /// The target that shadows lead to: the one that is named, or the only one.
    static func shadowed(
        _ folder: NodeFolder, target name: String?, flow: String?, world: World, environment: [String: String]
    ) throws -> any Target {
        let shadows = folder.flows.filter { flow == nil || $0.name.rawValue == flow }
        let names = Set(
            shadows.filter { name == nil ? folder.isShadow($0) : $0.target.rawValue == name }.map(\.target))
        let builder = PartsBuilder(folder: folder, world: world, environment: environment)
        guard let section = folder.targets.first(where: { names.contains($0.name) }), names.count == 1,
            let target = try builder.target(section)?.target
        else {
            let able = Set(folder.flows.filter(folder.isShadow).map(\.target.rawValue)).sorted()
            throw CommandFailure(
                description: "name one target with --target; those with shadows: "
                    + (able.isEmpty ? "none (`shadow: yes` of a flow makes one)" : able.joined(separator: ", ")),
                code: 2)
        }
        return target
    }
}

/// Builds each part of a node from its section of the settings.
struct PartsBuilder {
    let folder: NodeFolder
    let world: World
    let environment: [String: String]
    let limits = Limits()

    func secret(_ reference: SecretReference) throws -> String {
        try SecretReader(disk: world.disk, environment: environment).read(reference).reveal
    }

    /// Reads a secret anew while the node runs.
    private func renewal(_ reference: SecretReference) -> @Sendable () -> String? {
        let reader = SecretReader(disk: world.disk, environment: environment)
        return { try? reader.read(reference).reveal }
    }

    private func nodeKey() throws -> NodeKey {
        guard let path = folder.node.security.key else {
            throw CommandFailure(
                description: "security.key is missing in millwright.yaml: make one with `millwright keygen`", code: 2)
        }
        return try NodeKey.load(path, disk: world.disk)
    }

    private var trust: Trust {
        folder.node.security.trustedRoots.first.map { .rootsFile($0) } ?? .system
    }

    // MARK: - Sources

    func source(_ section: SourceSection) throws -> any Source {
        let name = section.name
        let asset = section.asset ?? AssetID(name.rawValue)
        switch section.protocolName {
        case MTConnectSpec.source.name:
            return try MTConnectSource(
                name: name, settings: section.settings, asset: asset,
                plant: section.plant ?? folder.plants.first?.name ?? "plant", node: folder.node.node, world: world,
                limits: limits)
        case FilesSpec.source.name:
            return try FilesSource(
                name: name, settings: section.settings, plantZone: zone(of: section), defaultAsset: asset, world: world,
                limits: limits)
        case HTTPSpec.source.name:
            let token = try section.settings.optional(HTTPSpec.token).map { reference in try secret(reference) }
            return try CloudEventsSource(
                name: name, settings: section.settings, token: token, plants: Set(folder.plants.map(\.name)),
                world: world, limits: limits)
        case NodeSpec.intake.name:
            return try NodeIntakeSource(
                name: name, settings: section.settings, enrolled: EnrolledNodes(path: enrolledPath, disk: world.disk),
                node: folder.node.node, plant: section.plant ?? folder.plants.first?.name ?? "hub", world: world,
                limits: limits)
        case NodeSpec.downlinkSource.name:
            return try DownlinkSource(
                name: name, settings: section.settings, node: folder.node.node, key: try nodeKey(), trust: trust,
                world: world, limits: limits)
        case OdooSpec.source.name:
            return try OdooChangesSource(
                name: name, settings: section.settings, secret: try secret(section.settings(OdooSpec.secret)),
                renew: renewal(try section.settings(OdooSpec.secret)),
                hints: try section.settings.optional(OdooSpec.hints).map { reference in try secret(reference) },
                plant: section.plant ?? folder.plants.first?.name ?? "plant", node: folder.node.node, world: world)
        default:
            throw CommandFailure(description: "there is no source connector \(section.protocolName)", code: 2)
        }
    }

    var enrolledPath: String { folder.node.store.path + "/enrolled.json" }

    private func zone(of section: SourceSection) -> String {
        section.plant.flatMap { folder.plant($0)?.zone } ?? folder.plants.first?.zone ?? "UTC"
    }

    // MARK: - Signals

    func intake() throws -> IntakeSettings {
        var perSource: [SourceName: IntakeSettings.PerSource] = [:]
        for section in folder.sources {
            let processor =
                section.signals.isEmpty
                ? nil
                : try SignalProcessor(
                    source: section.name, signals: section.signals,
                    plants: SignalPlants(folder, home: section.plant), strict: section.isStrict)
            perSource[section.name] = IntakeSettings.PerSource(processor: processor, lane: section.lane)
        }
        let orders = try SignalProcessor(source: "orders", signals: [], plants: SignalPlants(folder, home: nil))
        var settings = IntakeSettings(sources: perSource, orders: orders, ceiling: folder.node.store.ceilingBytes)
        for type in folder.eventTypes { settings.schemas[type.type] = type.schema }
        return settings
    }

    // MARK: - Targets

    func target(_ section: TargetSection) throws -> NodeParts.TargetPart? {
        let target: any Target
        switch section.protocolName {
        case OdooSpec.target.name:
            target = try OdooTarget(
                name: section.name, settings: section.settings, secret: try secret(section.settings(OdooSpec.secret)),
                renew: renewal(try section.settings(OdooSpec.secret)),
                timeZone: folder.plants.first?.zone ?? "UTC", world: world)
        case NodeSpec.downlinkTarget.name:
            target = try DownlinkTarget(
                name: section.name, settings: section.settings, node: folder.node.node, key: try nodeKey(),
                enrolled: EnrolledNodes(path: enrolledPath, disk: world.disk), world: world, limits: limits)
        case HTTPSpec.target.name:
            target = try HTTPTarget(
                name: section.name, settings: section.settings,
                secrets: SecretReader(disk: world.disk, environment: environment), world: world)
        case FilesSpec.tables.name:
            target = try TablesTarget(name: section.name, settings: section.settings, world: world)
        case PacedTarget.spec.name:
            target = try PacedTarget(name: section.name, settings: section.settings, world: world)
        default: return nil
        }
        let flows = folder.flows.filter { $0.target == section.name }
        let operations = type(of: target).operations
        var part = NodeParts.TargetPart(
            target: target,
            plan: try Composition.plan(section, in: folder, operations: operations),
            policies: Dictionary(
                flows.map { ($0.name, policy($0, operations)) }, uniquingKeysWith: { first, _ in first }),
            concurrency: section.concurrency,
            breaker: CircuitBreaker(threshold: section.breaker.failures, cooldown: section.breaker.cooldown),
            answers: try answers(section))
        part.rate = section.rate.map { CommandRate(commands: $0.commands, per: $0.per) }
        return part
    }

    private func answers(_ section: TargetSection) throws -> AnswerSettings? {
        guard section.protocolName == OdooSpec.target.name,
            let own = try section.settings.optional(OdooAnswersSpec.answers)
        else { return nil }
        return try AnswerSettings(own)
    }

    /// What requests must bear that ask the target; nil where nothing is set.
    func answersToken(_ section: TargetSection) throws -> BearerToken? {
        guard let own = try section.settings.optional(OdooAnswersSpec.answers),
            let reference = try OdooAnswersSpec.token(in: own)
        else { return nil }
        guard let token = BearerToken(try secret(reference)) else {
            throw CommandFailure(
                description: "target \(section.name): answers.token has fewer than \(BearerToken.minimumLength) "
                    + "characters: make one with `openssl rand -hex 32`", code: 2)
        }
        return token
    }

    private func policy(_ flow: FlowSection, _ operations: [OperationSpec]) -> FlowPolicy {
        let rule = operations.first { $0.name == flow.operation }?.merge
        let coalescing = flow.coalesce.flatMap { given in
            rule.map { FlowPolicy.Coalescing(window: given.window, maximum: given.maximumEvents, rule: $0) }
        }
        return FlowPolicy(
            coalescing: coalescing,
            retry: RetryPolicy(base: flow.retry.base, cap: flow.retry.cap, attempts: flow.retry.attempts),
            holdsOnReject: flow.onReject == .hold, expiry: flow.expires, pace: pace(flow),
            isShadow: folder.isShadow(flow))
    }

    private func pace(_ flow: FlowSection) -> FlowPolicy.Pace {
        switch flow.sync {
        case .realTime: return .realTime
        case .microBatch(let size, let age): return .microBatch(size: size, age: age)
        case .batch(let expression, let zone):
            let plant = flow.when.plants.first.flatMap { folder.plant($0) } ?? folder.plants.first
            // The zone was checked with the folder.
            return BatchTimes(expression, zone: zone ?? plant?.zone ?? "UTC").map { .batch($0) } ?? .realTime
        }
    }

    /// Targets that every event is handed on to as it is: no flow makes deliveries for them.
    static let streamProtocols: Set<String> = [NodeSpec.uplink.name, FilesSpec.target.name, NullStream.spec.name]

    func stream(_ section: TargetSection) throws -> (any StreamTarget)? {
        switch section.protocolName {
        case NodeSpec.uplink.name:
            return try UplinkTarget(
                name: section.name, settings: section.settings, node: folder.node.node, key: try nodeKey(),
                trust: trust,
                world: world, limits: limits)
        case FilesSpec.target.name:
            return try JSONLinesTarget(name: section.name, settings: section.settings, world: world)
        case NullStream.spec.name:
            return NullStream(name: section.name)
        default: return nil
        }
    }
}

extension SignalPlants {
    /// The folder's assets and where they stand; `home` is the plant of what is not named.
    fileprivate init(_ folder: NodeFolder, home: String?) {
        let standard = home.flatMap { folder.plant($0) } ?? folder.plants.first
        var assets: [AssetID: Place] = [:]
        var calendars: [String: ShiftCalendar] = [:]
        for plant in folder.plants {
            calendars[plant.name] = plant.shifts.flatMap { ShiftCalendar($0, zone: plant.zone) }
            for asset in plant.assets {
                assets[asset.id] = Place(plant: plant.name, area: asset.area, line: asset.line, company: plant.company)
            }
        }
        self.init(
            standard: Place(plant: standard?.name ?? "plant", company: standard?.company), assets: assets,
            calendars: calendars)
    }
}
