package import Canonical
package import Contracts

/// One file of `flows/`: what follows from an event.
package struct FlowSection: Sendable {
    /// How the event becomes the command's arguments.
    package enum Map: Sendable, Hashable {
        /// `maps/progress.jq`; its text is among ``NodeFolder/maps``.
        case file(String)
        /// The program itself.
        case program(String)
    }

    /// What orders the flow's commands.
    package enum Key: Sendable, Hashable {
        case subject
        /// A jq expression over the event.
        case program(String)
    }

    /// How commands of the same key become one.
    package struct Coalescing: Sendable, Hashable {
        package let window: Duration
        package let maximumEvents: Int
    }

    /// How a deferred command is tried again: full jitter between zero and `base` doubled each time, up to `cap`.
    package struct Retry: Sendable, Hashable {
        package let base: Duration
        package let cap: Duration
        /// Tries after which a person is asked; nil for no end.
        package let attempts: Int?
    }

    /// What becomes of later events of a key whose command was rejected.
    package enum RejectPolicy: String, Sendable, CaseIterable { case hold, `continue` }

    /// What becomes of facts whose order or period is closed.
    package enum LatePolicy: String, Sendable, CaseIterable { case review }

    /// When its commands go.
    package enum Sync: Sendable, Hashable {
        /// As soon as it is their turn.
        case realTime
        /// Together, when so many wait or the first one is so old.
        case microBatch(size: Int, age: Duration)
        /// Together at these times; `zone` nil for that of the flow's plant.
        case batch(CronExpression, zone: String?)
    }

    package let name: FlowName
    package let owner: String
    package let when: FlowTrigger
    package let target: TargetName
    /// Nil where the target takes events as they stand.
    package let operation: String?
    package let map: Map?
    package let key: Key
    /// A jq expression that gives a list of texts; two commands that share one never run at the same time.
    package let conflictKeys: String?
    package let coalesce: Coalescing?
    package let sync: Sync
    /// Nil: that of its events.
    package let lane: Lane?
    package let retry: Retry
    package let onReject: RejectPolicy
    package let late: LatePolicy
    /// How old an event may be when its command would first be sent; nil for no limit.
    package let expires: Duration?
    /// Whether it only shows what it would do; see ``NodeFolder/isShadow(_:)``.
    package let shadow: Bool
    package let location: SettingLocation
    /// Where its keys' values stand; those below `when` as `when.type`.
    package let places: [String: SettingLocation]
    /// Where the programs stand that are written in the flow, by key.
    package let programs: [String: ProgramPlace]
}

/// Which events start a flow. Each part that is given must hold.
package struct FlowTrigger: Sendable, Hashable {
    /// One of these matches the event's type.
    package let types: [TypePattern]
    /// One of these is the event's plant; empty for any.
    package let plants: [String]
    /// One of these is the event's asset; empty for any.
    package let assets: [AssetID]
    /// A jq expression over the event that gives true.
    package let predicate: String?
}

extension FlowSection {
    init(_ settings: Settings, programs: [String: ProgramPlace] = [:]) throws(SettingFault) {
        self.programs = programs
        name = FlowName(try settings(FlowFields.flow))
        owner = try settings(FlowFields.owner)
        when = try FlowTrigger(try settings(FlowFields.when))
        target = TargetName(try settings(FlowFields.target))
        operation = try settings.optional(FlowFields.operation)
        let program = try settings.optional(FlowFields.jq).map { Map.program($0) }
        map = try settings.optional(FlowFields.map).map { .file($0) } ?? program
        let key = try settings(FlowFields.key)
        self.key = key == FlowFields.subjectKey ? .subject : .program(key)
        conflictKeys = try settings.optional(FlowFields.conflictKeys)
        var coalesce: Coalescing?
        if let given = try settings.optional(FlowFields.coalesce) {
            coalesce = Coalescing(
                window: try given(FlowFields.window), maximumEvents: try given(FlowFields.maximumEvents))
        }
        self.coalesce = coalesce
        sync = try settings.optional(FlowFields.sync).map { given throws(SettingFault) in try Sync(given) } ?? .realTime
        lane = try settings.optional(FlowFields.lane).flatMap { Lane(name: $0) }
        let retry = try settings(FlowFields.retry)
        self.retry = Retry(
            base: try retry(FlowFields.base), cap: try retry(FlowFields.cap),
            attempts: try retry.optional(FlowFields.attempts))
        onReject = RejectPolicy(rawValue: try settings(FlowFields.onReject)) ?? .hold
        late = LatePolicy(rawValue: try settings(FlowFields.late)) ?? .review
        expires = try settings.optional(FlowFields.expires)
        shadow = try settings(FlowFields.shadow) == "yes"
        location = settings.location
        var places = settings.locations
        for (name, place) in try settings(FlowFields.when).locations { places["when.\(name)"] = place }
        self.places = places
    }

    /// The place of the first of `names` that is given, else of the flow.
    package func place(_ names: String...) -> SettingLocation {
        names.lazy.compactMap { places[$0] }.first ?? location
    }
}

extension FlowSection.Sync {
    init(_ settings: Settings) throws(SettingFault) {
        switch FlowFields.SyncClass(rawValue: try settings(FlowFields.syncClass)) {
        case .microBatch:
            self = .microBatch(size: try settings(FlowFields.size), age: try settings(FlowFields.age))
        case .batch:
            do {
                self = .batch(
                    try CronText.parse(try settings(FlowFields.at)), zone: try settings.optional(FlowFields.zone))
            } catch let refusal as ScalarRefusal {
                throw SettingFault(
                    location: settings.location, reason: refusal.reason, suggestion: refusal.suggestion)
            } catch let fault as SettingFault {
                throw fault
            } catch {
                throw SettingFault(location: settings.location, reason: "\(error)")
            }
        case .realTime, nil: self = .realTime
        }
    }
}

extension FlowTrigger {
    init(_ settings: Settings) throws(SettingFault) {
        var types: [TypePattern] = []
        for text in try settings(FlowFields.types) {
            // Checked with the folder; a pattern that is none cannot come here.
            if let pattern = try? TypePattern(text) { types.append(pattern) }
        }
        self.types = types
        plants = try settings.optional(FlowFields.plants) ?? []
        assets = try settings.optional(FlowFields.assets)?.map { AssetID($0) } ?? []
        predicate = try settings.optional(FlowFields.predicate)
    }
}
