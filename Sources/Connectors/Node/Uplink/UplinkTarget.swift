package import Canonical
package import Contracts
package import NodeSecurity
import Synchronization
package import World

/// An edge's way to its hub: sends each lane's events in order, signed over the compressed bytes, and believes only
/// what the hub says that it has.
package final class UplinkTarget: StreamTarget {
    package let name: TargetName
    private let hub: HubAddress
    private let timeout: Duration
    private let compression: Compression
    private let world: World
    private let state: Mutex<State>

    private struct State {
        /// Events of one batch: fewer after the hub found one too large.
        var events: Int
        var skew: Duration?
    }

    /// After a batch that the hub found too large the next ones grow again, by this share of themselves at a time.
    private static let growth = 16

    private let limits: Limits

    /// From settings checked by ``NodeSpec/uplink``.
    package convenience init(
        name: TargetName, settings: Settings, node: NodeID, key: NodeKey, trust: Trust, world: World, limits: Limits
    ) throws {
        try self.init(
            name: name, hub: HubAddress(try settings(NodeSpec.hub), node: node, key: key, trust: trust),
            timeout: try settings(NodeSpec.timeout),
            compression: Compression(rawValue: try settings(NodeSpec.compression)) ?? .gzip, world: world,
            limits: limits)
    }

    /// By hand, for a simulation.
    package init(
        name: TargetName, hub: HubAddress, timeout: Duration = .seconds(30), compression: Compression = .gzip,
        world: World, limits: Limits
    ) throws(Failure) {
        self.name = name
        self.hub = hub
        self.timeout = timeout
        self.compression = compression
        self.world = world
        self.limits = limits
        state = Mutex(State(events: limits.uplinkEvents))
    }

    /// How far this node's clock is ahead of the hub's, as the hub last said; nil before it said anything.
    package var clockSkew: Duration? { state.withLock { $0.skew } }

    /// Sends the segment, or its beginning where the hub takes no batches of that size.
    ///
    /// Throws ``Deferral`` where the hub is away, busy or does not take this node yet, and ``Failure`` where waiting
    /// cannot help.
    package func forward(_ segment: JournalSegment) async throws -> StreamProgress {
        guard !segment.documents.isEmpty else { return StreamProgress(position: segment.first - 1) }
        while true {
            let count = min(segment.documents.count, state.withLock { $0.events })
            switch try await send(segment, count: count) {
            case .position(let position): return StreamProgress(position: position)
            case .tooLarge(let failure):
                guard count > 1 else { throw failure }
                state.withLock { $0.events = min($0.events, count / 2) }
            }
        }
    }

    private enum Result {
        case position(Int64)
        case tooLarge(Failure)
    }

    private func send(_ segment: JournalSegment, count: Int) async throws -> Result {
        let header = StreamHeader(
            epoch: segment.epoch, lane: segment.lane, first: segment.first, count: count, isOldest: segment.isOldest)
        let request = try BatchRequest.make(
            segment.documents.prefix(count), header: header, hub: hub, compression: compression, now: world.clock.now(),
            nonce: Digest.hexadecimal(world.entropy.bytes(12)))
        let response: HTTPResponse
        do {
            response = try await world.network.send(request, timeout: timeout, maximumBody: HubAnswer.maximumBytes)
        } catch {
            if error.reason == .cancelled { throw CancellationError() }
            throw Deferral(hub.failure(error), isTargetDown: true)
        }
        let verdict = UplinkVerdict(response, to: header, hub: hub)
        if let skew = verdict.skew { state.withLock { $0.skew = skew } }
        switch verdict.decision {
        case .progress(let position):
            state.withLock { $0.events = min(limits.uplinkEvents, $0.events + max(1, $0.events / Self.growth)) }
            return .position(position)
        case .tooLarge(let failure): return .tooLarge(failure)
        case .wait(let deferral): throw deferral
        case .halt(let failure): throw failure
        }
    }
}
