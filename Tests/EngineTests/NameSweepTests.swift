import Canonical
import Contracts
import Delivery
import GRDB
import Testing
import World

@testable import Store

/// What the trimmer takes out of tables that nothing else makes smaller.
@Suite("Names and streams that nothing uses")
struct NameSweepTests {
    private static func names(_ store: Store) async throws -> Set<String> {
        try await store.read { Set(try String.fetchAll($0.db, sql: "SELECT text FROM name")) }
    }

    private static func sweep(_ store: Store, from start: NameSweep = NameSweep()) async throws -> NameSweep {
        var sweep = start
        while !sweep.isDone {
            let before = sweep
            sweep = try await store.write { try $0.sweepNames(before, limit: 7) }
        }
        return sweep
    }

    /// Appends forty events of a source each, and trims all but the last.
    private static func fill(_ store: Store, _ world: World) async throws {
        let old = world.clock.now() - .seconds(100)
        let now = world.clock.now()
        try await store.write { transaction in
            try transaction.keepCursors(of: ["odoo"])
            let documents = (1...40).map { EventDocument(.completed($0, source: "/lyon/s\($0)")) }
            _ = try transaction.append(documents, lane: .normal, recorded: old, via: SourceName("lab"))
            try transaction.setCursor("odoo", .normal, 40)
            let trimmed = try transaction.trim(.normal, storedBefore: now, limit: 100)
            #expect(trimmed.removed == 39)
        }
    }

    @Test("a name goes when no event and no identity uses it, and its number is never taken for the old one")
    func removed() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: path), world: world)
            try await Self.fill(store, world)
            let early = try await Self.sweep(store)
            #expect(early.removed == 0, "the identities of what was trimmed are known still")
            let forgotten = try await store.write { try $0.trimSeen(before: world.clock.now(), limit: 100) }
            #expect(forgotten == 39)
            // The youngest name, of an event that is known: nothing uses it, and its number is the next to be given.
            let known = Event(
                id: "0000000040", source: "/lyon/s40", type: "acme.unused.v1", time: world.clock.now(), data: ["n": 1])
            let fresh = try await store.write {
                try $0.append([EventDocument(known)], lane: .normal, recorded: world.clock.now())
            }
            let before = try await Self.names(store)
            #expect(fresh == 0 && before.contains("acme.unused.v1"))
            let late = try await Self.sweep(store)
            let left = try await Self.names(store)
            #expect(late.removed == 40)
            #expect(left == ["/lyon/s40", "lab", "millwright.production.completed.v1"])

            let sources = ["/lyon/new", "/lyon/s3", "/lyon/s40"]
            var documents = sources.enumerated().map { EventDocument(.completed(100 + $0.offset, source: $0.element)) }
            documents.append(
                EventDocument(
                    Event(
                        id: "used", source: "/lyon/s40", type: "acme.unused.v1", time: world.clock.now(),
                        data: ["n": 1])))
            let more = documents
            _ = try await store.write { try $0.append(more, lane: .normal, recorded: world.clock.now()) }
            let read = try await store.read {
                try $0.journal(lane: .normal, after: 40, limit: 10).map(\.document.envelope)
            }
            #expect(read.map(\.source) == sources + ["/lyon/s40"])
            #expect(read.map(\.type).filter { $0 == "acme.unused.v1" }.count == 1 && read.last?.id == "used")
            await store.close()
            let report = try StoreDoctor.check(path)
            #expect(report.isWhole && report.rows["name"] == 6 && report.lasting.contains("name 6"))
        }
    }

    @Test("a name that is used again while it is looked for stays")
    func usedAgain() throws {
        let scratch = try Scratch()
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: scratch.path + "/node.db"), world: world)
            try await Self.fill(store, world)
            _ = try await store.write { try $0.trimSeen(before: world.clock.now(), limit: 100) }
            let chosen = try await store.write { try $0.sweepNames(NameSweep(), limit: 1_000) }
            // Two as sources and as candidates, one of them as a type now.
            let event = Event(
                id: "again", source: "/lyon/s7", type: "/lyon/s8", time: world.clock.now(), data: ["n": 1])
            _ = try await store.write {
                try $0.append([EventDocument(event)], lane: .bulk, recorded: world.clock.now())
            }
            let done = try await Self.sweep(store, from: chosen)
            #expect(done.removed == 37)
            let left = try await Self.names(store)
            #expect(left.isSuperset(of: ["/lyon/s7", "/lyon/s8"]))
            let envelope = try await store.read {
                try $0.journal(lane: .bulk, after: 0, limit: 1).first?.document.envelope
            }
            #expect(envelope?.source == "/lyon/s7" && envelope?.type == "/lyon/s8")
            await store.close()
        }
    }

    @Test("the trimmer's round takes them with what used them")
    func round() throws {
        let scratch = try Scratch()
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: scratch.path + "/node.db"), world: world)
            try await Self.fill(store, world)
            let retention = Retention(events: .seconds(1), commands: .seconds(1), identities: .seconds(1))
            let trimmer = Trimmer(store: store, world: world, retention: retention, ceiling: 1 << 30)
            try await trimmer.round()
            let left = try await Self.names(store)
            #expect(left == ["/lyon/s40", "lab", "millwright.production.completed.v1"])
            await store.close()
        }
    }

    @Test("batches of an epoch that an edge has left go after two weeks; where its stream stands stays known")
    func leftStreams() throws {
        let scratch = try Scratch()
        try simulated { world, _ in
            let store = try Store(StoreSettings(path: scratch.path + "/node.db"), world: world)
            let now = world.clock.now()
            func batch(_ node: NodeID, _ epoch: String) -> StreamSegment {
                StreamSegment(node: node, epoch: epoch, lane: .normal, first: 1, count: 10, digest: "d")
            }
            let (left, live, silent) = (batch("press", "e1"), batch("press", "e2"), batch("saw", "e1"))
            try await store.write { transaction in
                try transaction.advanceStream(left, to: 10, now: now - .seconds(20 * 86_400))
                try transaction.advanceStream(live, to: 10, now: now)
                // Not heard of for as long, and it has no other epoch: it may come back.
                try transaction.advanceStream(silent, to: 10, now: now - .seconds(20 * 86_400))
            }
            let removed = try await store.write {
                try $0.trimBatches(heardBefore: now - StoreTransaction.heldByEdges, limit: 100)
            }
            #expect(removed == 1)
            let known = try await store.read { transaction in
                try [left, live, silent].map { try transaction.hasBatch($0) }
            }
            #expect(known == [false, true, true])
            let position = try await store.read { try $0.streamPosition("press", epoch: "e1", lane: .normal) }
            #expect(position == 10)
            await store.close()
        }
    }
}
