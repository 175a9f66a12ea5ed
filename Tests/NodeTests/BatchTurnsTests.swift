import Canonical
import NodeConnector
import Testing

@Suite("Places for batches")
struct BatchTurnsTests {
    @Test("edges that flood the hub leave places for critical batches, and one edge cannot take all of them")
    func places() {
        var turns = BatchTurns()
        func begin(_ node: NodeID, _ lane: Lane) -> Bool { turns.begin(node, lane) }
        var taken = 0
        while begin("flood", .bulk) { taken += 1 }
        #expect(taken == BatchTurns.maximumPerNode)
        for node in 0..<20 {
            for _ in 0..<4 where begin(NodeID("edge\(node)"), .normal) { taken += 1 }
        }
        #expect(taken == BatchTurns.maximum - BatchTurns.reserved)
        #expect(begin("late", .critical))
        #expect(!begin("late", .normal))
        #expect(!begin("flood", .critical))
        turns.end("flood")
        #expect(begin("flood", .critical))
    }

    @Test("every place that is given back can be taken again")
    func returned() {
        var turns = BatchTurns()
        func begin(_ node: NodeID, _ lane: Lane) -> Bool { turns.begin(node, lane) }
        for round in 0..<1_000 {
            let node = NodeID("edge\(round % 7)")
            #expect(begin(node, .bulk))
            turns.end(node)
        }
        var taken = 0
        for node in 0..<40 where turns.begin(NodeID("edge\(node)"), .critical) { taken += 1 }
        #expect(taken == BatchTurns.maximum)
    }
}
