import Canonical
import Contracts
import Delivery
import ExactJSON
import Store
import Testing
import World

@Suite("The exceptions desk")
struct OperatorDeskTests {
    private func plant(
        seed: UInt64 = 1, lives: Duration? = nil, ceiling: Int = 1 << 40,
        _ body: @escaping @Sendable (DeskPlant) async throws -> Void
    ) throws {
        let scratch = try Scratch()
        try DeskPlant.run(scratch.path + "/node.db", seed: seed, lives: lives, ceiling: ceiling, body)
    }

    @Test("exceptions with the same cause are one group, whatever order, number or time their messages name")
    func groups() throws {
        try plant { plant in
            let orders = (0..<200).map { "MO\($0)" }
            plant.target.unknown.withLock { $0 = Set(orders) }
            try await plant.bring(orders.enumerated().map { .refused($0, order: $1, reason: $0 % 5) })
            try await plant.untilOpen(200)
            let found = try await plant.store.read { try $0.exceptionGroups(ExceptionFilter(), limit: 3) }
            #expect(found.count == 5 && found.groups.map(\.count) == [40, 40, 40] && found.exceptions == 200)
            var filter = ExceptionFilter()
            filter.cause = found.groups[0].cause
            let code = found.groups[0].example.failure.kind.code
            let page = try await plant.store.read { [filter] in try $0.exceptions(filter, limit: 100) }
            #expect(page.count == 40 && page.allSatisfy { $0.failure.kind.code == code })
            filter.text = "mo19\""
            let one = try await plant.store.read { [filter] in try $0.exceptionCount(filter) }
            #expect(one == (code == "PICKY-4" ? 1 : 0))
        }
    }

    @Test(
        "the cause of a message leaves out what names a single case",
        arguments: [
            ("there is no order \"WH/MO/7\" in company 3", "there is no order \"…\" in company …"),
            ("“Axe” is closed since 2026-01-02", "“…” is closed since …"), ("no digits here", "no digits here"),
            ("an open \"quote", "an open \"…"), ("", ""),
        ])
    func pattern(message: String, pattern: String) {
        #expect(ExceptionCause(code: "A", flow: nil, place: nil, message: message).pattern == pattern)
    }

    @Test("a filter comes back from its words and from JSON, and refuses what it does not know")
    func filters() throws {
        let words = ["state": "all", "code": "A-1", "assignee": "-", "text": "Ä \"x\"", "other": "1"]
        let filter = try #require(ExceptionFilter(words: words))
        #expect(filter.progress == .all && filter.code == "A-1" && filter.assignee?.isEmpty == true)
        #expect(ExceptionFilter(json: filter.json) == filter)
        #expect(ExceptionFilter(words: ["state": "lost"]) == nil)
        #expect(ExceptionFilter(words: ["text": String(repeating: "x", count: 501)]) == nil)
        #expect(ExceptionFilter(json: ["code": 1]) == nil && ExceptionFilter(json: ["where": "1=1"]) == nil)
        #expect(ExceptionFilter(words: ["kind": "odd"]) == nil && ExceptionFilter(words: ["kind": "map"]) != nil)
    }

    @Test("a filter takes moments with a zone, and as a form has them in UTC; those from the first on, before the last")
    func moments() throws {
        let filter = try #require(
            ExceptionFilter(words: ["since": "2026-03-02T07:00:00+01:00", "until": "2026-03-02T06:30"]))
        #expect(filter.since?.description == "2026-03-02T06:00:00.000000Z" && !filter.isEverythingOpen)
        #expect(filter.until?.description == "2026-03-02T06:30:00.000000Z")
        #expect(ExceptionFilter(json: filter.json) == filter)
        for wrong in [["since": "soon"], ["until": "2026-02-30T00:00"], ["since": "2026-03-02"]] {
            #expect(ExceptionFilter(words: wrong) == nil, "\(wrong)")
        }
        let moment = "2026-03-02T06:00:00Z"
        #expect(ExceptionFilter(words: ["since": moment, "until": moment]) == nil)
        try plant { plant in
            let start = plant.world.clock.now()
            try await plant.store.write { transaction in
                for number in 0..<5 {
                    _ = try transaction.insert(
                        ExceptionRecord(
                            kind: .input, created: start + .seconds(number), source: "komax",
                            failure: StoreFailures.full.failure("line \(number)"), original: [], fact: "f\(number)"))
                }
            }
            var span = ExceptionFilter()
            span.since = start + .seconds(1)
            span.until = start + .seconds(3)
            let found = try await plant.store.read { [span] in try $0.exceptions(span, limit: 9) }
            #expect(found.map(\.failure.message).allSatisfy { $0.contains("line 1") || $0.contains("line 2") })
            #expect(found.count == 2)
        }
    }

    @Test(
        "a text is looked for in what is said, the event, the key and the origin, whether letters are capitals or not",
        arguments: [
            ("HALL B", ["said"]), ("Müller", ["said"]), ("mÜLLER", []), ("e-17", ["event"]), ("wh/mo/9", ["key"]),
            ("LINE 43", ["origin"]), ("9\nline", []), ("", ["said", "event", "key", "origin"]), ("%", []),
        ])
    func texts(text: String, found: [String]) throws {
        try plant { plant in
            let now = plant.world.clock.now()
            try await plant.store.write { transaction in
                for (fact, message, event, key, origin) in [
                    ("said", "Müller of Hall B", nil, nil, nil), ("event", "x", "E-17", nil, nil),
                    ("key", "x", nil, "WH/MO/9", nil), ("origin", "x", nil, nil, "Job.sdc line 43"),
                ] as [(String, String, String?, OrderingKey?, String?)] {
                    _ = try transaction.insert(
                        ExceptionRecord(
                            kind: .input, created: now, source: "komax", key: key, eventID: event,
                            failure: StoreFailures.full.failure(message), origin: origin, original: [], fact: fact))
                }
            }
            var filter = ExceptionFilter()
            filter.text = text
            let facts = try await plant.store.read { [filter] in
                try $0.exceptions(filter, limit: 9).compactMap(\.fact)
            }
            #expect(facts == found)
        }
    }

    @Test("arguments that a person wrote are sent as written, keep their place, and no map makes them anew")
    func editedArguments() throws {
        try plant { plant in
            plant.target.unknown.withLock { $0 = ["MO1", "typo"] }
            try await plant.bring([.refused(1, order: "MO1"), .refused(2, order: "MO1")])
            try await plant.untilOpen(1)
            let first = try await plant.store.read { try $0.exceptions(limit: 1)[0].id }
            let typo = try await plant.ask(.edit, first, ["arguments": ["order": "typo"]])
            #expect(typo.hasPrefix("ok"))
            #expect(try await plant.ask(.resubmit, first).hasPrefix("ok"))
            // It is refused again, as written; nothing has passed it.
            try await plant.untilOpen(1)
            let second = try await plant.store.read { try $0.exceptions(limit: 1)[0] }
            #expect(second.id != first && second.arguments == ["order": "typo"])
            plant.target.unknown.withLock { $0 = [] }
            #expect(
                try await plant.ask(.edit, second.id, ["arguments": ["order": "MO2", "by": "hand"]]).hasPrefix("ok"))
            #expect(try await plant.ask(.resubmit, second.id).hasPrefix("ok"))
            try await plant.untilTaken(2)
            let taken = plant.target.taken.withLock { $0.map(\.arguments) }
            #expect(taken == [["order": "MO2", "by": "hand"], ["order": "MO1", "reason": 0]])
            let story = try await plant.store.read { try ExceptionStory(second.id, $0) }
            #expect(story?.notes.map(\.kind) == [.edited] && story?.others.map(\.id) == [first])
            #expect(story?.record.state == .resubmitted && story?.record.settledBy == "anna")
        }
    }

    @Test("an event that a person corrected is mapped again and goes under its new key")
    func editedEvent() throws {
        try plant { plant in
            var event = Event.refused(1, order: "MO1")
            event.subject = nil
            event.data = ["quantity": 3]
            try await plant.bring([event])
            try await plant.untilOpen(1)
            let id = try await plant.store.read { try $0.exceptions(limit: 1)[0].id }
            #expect(try await plant.ask(.resubmit, id).hasPrefix("it still fails"))
            let wrong = try await plant.ask(.edit, id, ["event": ["data": ["quantity": 4]]])
            #expect(wrong.hasPrefix("with that it still fails"))
            #expect(try await plant.ask(.edit, id, ["event": ["subject": 7]]).hasPrefix("with that it still fails"))
            #expect(try await plant.ask(.edit, id, ["event": ["source": "/x/y"]]).hasPrefix("an edit says"))
            #expect(
                try await plant.ask(.edit, id, ["event": ["subject": "MO9", "data": ["order": "MO9"]]])
                    .hasPrefix("ok"))
            #expect(try await plant.ask(.resubmit, id).hasPrefix("ok"))
            try await plant.untilTaken(1)
            let taken = plant.target.taken.withLock { $0[0] }
            #expect(taken.key == "MO9" && taken.arguments == ["quantity": 3, "order": "MO9"])
            // The journal says what the machine said.
            let entry = try await plant.store.read { try $0.entry(JournalNumber(lane: .normal, number: 1)) }
            #expect(entry?.document.envelope.subject == nil)
            #expect(try await plant.store.read { try $0.blockedKeys("odoo") }.isEmpty)
        }
    }

    @Test("an event in the place of what could not be read is stored once and settles it")
    func replaced() throws {
        try plant { plant in
            let now = plant.world.clock.now()
            let record = ExceptionRecord(
                kind: .input, created: now, source: "komax", failure: StoreFailures.full.failure("line 7: no number"),
                origin: "job.sdc:7", original: Array("x;y".utf8), fact: "f7")
            let (id, twin) = try await plant.store.write { transaction in
                let first = try #require(try transaction.insert(record))
                var other = record
                other.fact = "f8"
                return (first, try #require(try transaction.insert(other)))
            }
            let document = try JSONReader.read(Event.completed(7).document)
            #expect(try await plant.ask(.edit, id, ["document": ["id": "1"]]).hasPrefix("that is no event"))
            #expect(try await plant.ask(.edit, id, ["arguments": [:]]).hasPrefix("it has no command"))
            #expect(try await plant.ask(.edit, id, ["document": document]).hasPrefix("ok: stored"))
            #expect(try await plant.ask(.edit, id, ["document": document]).contains("settled already"))
            #expect(try await plant.ask(.edit, twin, ["document": document]).contains("stored before"))
            #expect(try await plant.store.read { try $0.storedCount() } == 1)
            #expect(try await plant.store.read { try $0.openExceptionCount() } == 0)
        }
    }

    @Test("where the store has no room, an edit that would be stored says so, and what makes room goes on")
    func noRoom() throws {
        try plant(ceiling: 1) { plant in
            let now = plant.world.clock.now()
            let ids = try await plant.store.write { transaction in
                try (1...2).map { n in
                    let record = ExceptionRecord(
                        kind: .input, created: now, source: "komax", failure: StoreFailures.full.failure("line \(n)"),
                        origin: "job.sdc:\(n)", original: Array("x;y".utf8), fact: "f\(n)")
                    return try #require(try transaction.insert(record))
                }
            }
            let document = try JSONReader.read(Event.completed(7).document)
            let answer = try await plant.ask(.edit, ids[0], ["document": document])
            #expect(answer.hasPrefix("it was not stored: INTAKE-001"), "\(answer)")
            #expect(try await plant.ask(.discard, ids[1]).hasPrefix("ok"))
            #expect(try await plant.store.read { try $0.openExceptionCount() } == 1)
        }
    }

    @Test("comments and who looks after it are kept with an exception, and in the audit trail")
    func notes() throws {
        try plant { plant in
            plant.target.unknown.withLock { $0 = ["MO1"] }
            try await plant.bring([.refused(1, order: "MO1")])
            try await plant.untilOpen(1)
            let id = try await plant.store.read { try $0.exceptions(limit: 1)[0].id }
            #expect(try await plant.ask(.comment, id, note: "asked the planner").hasPrefix("ok"))
            #expect(try await plant.ask(.assign, id, ["to": "bo"]).hasPrefix("ok"))
            #expect(!(try await plant.ask(.comment, id, note: nil).hasPrefix("ok")))
            #expect(!(try await plant.ask(.comment, id, note: String(repeating: "x", count: 4_001)).hasPrefix("ok")))
            #expect(!(try await plant.ask(.assign, 99, ["to": "bo"]).hasPrefix("ok")))
            var filter = ExceptionFilter()
            filter.assignee = "bo"
            let mine = try await plant.store.read { [filter] in try $0.exceptions(filter, limit: 9) }
            #expect(mine.map(\.id) == [id])
            let notes = try await plant.store.read { try $0.notes(on: id, limit: 9) }
            #expect(notes.map(\.text) == ["asked the planner", "bo"] && notes.allSatisfy { $0.by == "anna" })
        }
    }

    @Test(
        "a decision about many takes those that were there, and each of them once, also over restarts",
        arguments: 0..<12 as Range<UInt64>)
    func many(seed: UInt64) throws {
        try plant(seed: seed, lives: seed % 2 == 0 ? nil : .milliseconds(130 + Int64(seed) * 40)) { plant in
            let orders = (0..<300).map { "MO\($0)" }
            plant.target.unknown.withLock { $0 = Set(orders + ["late"]) }
            // Several of one order wait behind each other.
            try await plant.bring((0..<600).map { .refused($0, order: orders[$0 % 300], reason: $0 % 2) })
            try await plant.untilOpen(300)
            let last = try await plant.store.read { try $0.lastExceptionID() }
            try await plant.bring([.refused(900, order: "late")])
            try await plant.untilOpen(301)
            plant.target.unknown.withLock { $0 = [] }
            let rate = seed % 3 == 0 ? nil : 400
            let order = ManyOrder(action: .resubmit, filter: ExceptionFilter(), through: last, rate: rate)
            let began = plant.world.clock.uptime()
            let result = try await plant.ask(.many, 0, order.json)
            #expect(result == "ok: 300 of 300 resubmitted", "seed \(seed)")
            let took = plant.world.clock.uptime() - began
            if rate != nil { #expect(took > .milliseconds(500), "seed \(seed): \(took) for 300 at 400 a second") }
            try await plant.untilTaken(600)
            let taken = plant.target.taken.withLock { $0 }
            #expect(Set(taken.map(\.identity)).count == 600 && taken.count == 600, "seed \(seed)")
            for order in orders {
                let mine = taken.filter { $0.key.rawValue == order }.map(\.identity)
                #expect(
                    mine.count == 2 && mine == mine.sorted { $0.count < $1.count || ($0.count == $1.count && $0 < $1) })
            }
            // What came later was not meant.
            let open = try await plant.store.read { try $0.exceptions(limit: 9) }
            #expect(open.map { $0.key?.rawValue } == ["late"])
        }
    }

    @Test("a decision about many says how many could not be decided, and can be stopped where it stands")
    func stopped() throws {
        try plant { plant in
            let now = plant.world.clock.now()
            let ids = try await plant.store.write { transaction in
                try (0..<50).map { number in
                    try #require(
                        try transaction.insert(
                            ExceptionRecord(
                                kind: .input, created: now, source: "komax",
                                failure: StoreFailures.full.failure("line \(number)"), original: [],
                                fact: "f\(number)")))
                }
            }
            let last = try #require(ids.last)
            let all = ManyOrder(action: .resubmit, filter: ExceptionFilter(), through: last, rate: nil)
            #expect(try await plant.ask(.many, 0, all.json).hasPrefix("0 of 50 resubmitted; 50 could not be"))
            let slow = ManyOrder(action: .discard, filter: ExceptionFilter(), through: last, rate: 4)
            let request = try await plant.store.write {
                try $0.insertRequest(.many, subject: 0, by: "anna", note: "old", detail: slow.json, now: now)
            }
            try await plant.world.clock.sleep(for: .seconds(3))
            #expect(try await plant.ask(.stop, request).hasPrefix("ok: stopped by anna after"))
            let left = try await plant.store.read { try $0.openExceptionCount() }
            #expect((30...45).contains(left), "\(left) of 50 are left after 3 s at 4 a second")
            try await plant.world.clock.sleep(for: .seconds(5))
            #expect(try await plant.store.read { try $0.openExceptionCount() } == left)
            #expect(try await plant.ask(.stop, request).contains("has ended"))
            #expect(try await plant.ask(.many, 0, ["action": "explode"]) == "it cannot be read")
        }
    }

    @Test("a merge patch changes values as RFC 7396 shows it in its appendix A")
    func mergePatch() throws {
        let cases = [
            ("{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"),
            ("{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"),
            ("{\"a\":\"b\"}", "{\"a\":null}", "{}"), ("{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"),
            ("{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"),
            ("{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"),
            ("{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"),
            ("{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"),
            ("[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"),
            ("{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"), ("{\"a\":\"foo\"}", "null", "null"),
            ("{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"),
            ("[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"),
            ("{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"),
        ]
        for (value, patch, result) in cases {
            #expect(try JSONReader.read(value).merging(JSONReader.read(patch)) == JSONReader.read(result))
        }
    }
}
