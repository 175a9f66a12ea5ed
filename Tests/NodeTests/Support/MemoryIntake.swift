import Canonical
import Contracts
import ExactJSON
import Synchronization

/// An intake in memory that obeys the contract: whole batches or nothing, streams without gaps, the same numbers with
/// other bytes refused, duplicates by (source, id) dropped.
final class MemoryIntake: Intake {
    struct Stream: Hashable {
        let node: NodeID
        let epoch: String
        let lane: Lane
    }

    struct State {
        var documents: [EventDocument] = []
        /// Where each document of a stream came in, in order.
        var byStream: [Stream: [EventDocument]] = [:]
        var known: Set<String> = []
        var positions: [Stream: Int64] = [:]
        var batches: [Stream: [Int64: (count: Int, digest: String)]] = [:]
        var faults: [InputFault] = []
        var faultIDs: Set<String> = []
        var sourcePositions: [String: JSON] = [:]
        var failure: Failure?
        var submits = 0
        var whenStored: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    func look<R: Sendable>(_ body: (inout sending State) -> sending R) -> R { state.withLock(body) }

    /// What later calls throw; nil lets them work again.
    func fail(_ failure: Failure?) { state.withLock { $0.failure = failure } }

    /// Called each time that documents were stored, before the caller hears of it.
    func whenStored(_ action: (@Sendable () -> Void)?) { state.withLock { $0.whenStored = action } }

    var documents: [EventDocument] { state.withLock { $0.documents } }
    var faults: [InputFault] { state.withLock { $0.faults } }
    var ids: [String] { documents.map(\.envelope.id) }

    func position(_ source: SourceName, _ name: String) async throws -> JSON? {
        state.withLock { $0.sourcePositions["\(source)/\(name)"] }
    }

    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        try state.withLock { state in
            state.submits += 1
            if let failure = state.failure { throw failure }
            var receipt = IntakeReceipt()
            if let segment = batch.segment {
                let answer = Self.judge(segment, batch.documents, &state)
                receipt.stream = answer
                guard case .stored = answer, segment.last > Self.position(segment, state) else { return receipt }
            }
            for document in batch.documents {
                let key = "\(document.envelope.source) \(document.envelope.id)"
                guard state.known.insert(key).inserted else {
                    receipt.duplicates += 1
                    continue
                }
                state.documents.append(document)
                if let segment = batch.segment { state.byStream[Self.stream(segment), default: []].append(document) }
                receipt.stored += 1
            }
            if receipt.stored > 0 { state.whenStored?() }
            for fault in batch.faults where fault.factID.map({ state.faultIDs.insert($0).inserted }) ?? true {
                state.faults.append(fault)
                receipt.exceptions += 1
            }
            for position in batch.positions {
                state.sourcePositions["\(batch.source)/\(position.name)"] = position.value
            }
            if let segment = batch.segment {
                let stream = Self.stream(segment)
                state.batches[stream, default: [:]][segment.first] = (segment.count, segment.digest)
                state.positions[stream] = segment.last
                receipt.stream = .stored(position: segment.last)
            }
            return receipt
        }
    }

    private static func stream(_ segment: StreamSegment) -> Stream {
        Stream(node: segment.node, epoch: segment.epoch, lane: segment.lane)
    }

    private static func position(_ segment: StreamSegment, _ state: State) -> Int64 {
        state.positions[stream(segment)] ?? 0
    }

    private static func judge(_ segment: StreamSegment, _ documents: [EventDocument], _ state: inout State)
        -> StreamAnswer
    {
        let position = position(segment, state)
        if segment.first > position + 1 { return .gap(position: position) }
        if segment.first == position + 1 { return .stored(position: position) }
        if let batch = state.batches[stream(segment)]?[segment.first], batch == (segment.count, segment.digest) {
            return .stored(position: position)
        }
        // Cut anew: what overlaps must be what is stored.
        let overlap = Int(min(position, segment.last) - segment.first + 1)
        for document in documents.prefix(overlap) {
            guard
                let stored = state.documents.first(where: {
                    $0.envelope.id == document.envelope.id && $0.envelope.source == document.envelope.source
                }), stored.bytes == document.bytes
            else { return .conflict(position: position) }
        }
        return .stored(position: position)
    }
}
