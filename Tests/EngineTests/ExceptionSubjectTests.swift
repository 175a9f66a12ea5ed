import Canonical
import Contracts
import ExactJSON
import GRDB
import Testing
import World

@testable import Store

@Suite("the record that an exception is about")
struct ExceptionSubjectTests {
    private static let subject = FailureSubject(
        system: "Odoo", title: "mrp.production,42", url: "https://odoo.example.com/web#id=42&model=mrp.production")

    private static func rejected(_ failure: Failure, _ world: World) -> ExceptionRecord {
        ExceptionRecord(
            kind: .rejected, created: world.clock.now(), target: "odoo", key: "MO1", failure: failure, original: [])
    }

    /// A store as the first version made it, with one exception.
    private static func makeOld(_ path: String) throws {
        let queue = try DatabaseQueue(path: StoreAddress(path).url)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA page_size = 8192; \(StoreSchema.version1)
                    PRAGMA user_version = 1;
                    INSERT INTO meta VALUES('epoch', 'first');
                    INSERT INTO exception(kind, created, code, message, suggestion, original, state)
                    VALUES('rejected', 1, 'ODOO-023', 'the order is closed', 'look', x'', 0);
                    """)
        }
        try queue.close()
    }

    @Test("it is there after the store was opened again, and in what programs are told")
    func kept() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            let failure = StoreFailures.full.failure("the order is closed")
            let store = try Store(StoreSettings(path: path), world: world)
            try await store.write { transaction in
                try transaction.insert(Self.rejected(failure.about(Self.subject), world))
                try transaction.insert(Self.rejected(failure, world))
            }
            await store.close()
            let again = try Store(StoreSettings(path: path), world: world)
            let (about, none) = try await again.read { (try $0.exception(1), try $0.exception(2)) }
            #expect(about?.failure.subject == Self.subject && Self.subject != nil)
            #expect(about?.json["record"]?["url"] == "https://odoo.example.com/web#id=42&model=mrp.production")
            #expect(none?.failure.subject == nil && none?.json["record"]?.isNull == true)
            await again.close()
        }
    }

    @Test("exceptions that an older version stored are about none, and neither are those whose record is unreadable")
    func older() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated { world, _ in
            try Self.makeOld(path)
            let store = try Store(StoreSettings(path: path), world: world)
            let before = try await store.read { try $0.exception(1) }
            #expect(before?.failure.kind.code == "ODOO-023" && before?.failure.subject == nil)
            for text in ["no JSON", "[]", "{}", #"{"system":"Odoo","title":"x,1","url":"javascript:alert(1)"}"#] {
                try await store.write { try $0.db.execute(sql: "UPDATE exception SET record = ?", arguments: [text]) }
                let after = try await store.read { try $0.exception(1) }
                #expect(after?.failure.message == "the order is closed" && after?.failure.subject == nil, "\(text)")
            }
            await store.close()
        }
    }

    @Test(
        "nothing becomes a link but an address that a browser opens, without a user or a password",
        arguments: [
            "", "javascript:alert(1)", "data:text/html,x", "//odoo.example.com", "/web#id=1", "https://", "http:///web",
            "https://mes:secret@odoo.example.com/web", "https://odoo.example.com/a b", "https://odoo.example.com/\"x",
            "https://odoo.example.com/<x>", "https://odoo.example.com/\u{202E}x", "https://odoo.example.com/\nx",
            "https://odoo.example.com/" + String(repeating: "x", count: 500),
        ])
    func refused(url: String) {
        #expect(FailureSubject(system: "Odoo", title: "mrp.production,42", url: url) == nil)
    }

    @Test("a failure that names a record keeps it, and what keeps a whole target away is about none")
    func about() {
        let other = FailureSubject(system: "Odoo", title: "stock.move,1", url: "https://odoo.example.com/web#id=1")
        let failure = Failure(FailureKind("T-1", "t", remedy: "r"), "m", suggestion: "s", detail: "d")
        let named = failure.about(Self.subject)
        #expect(named.subject == Self.subject && named.about(other) == named && named.about(nil) == named)
        #expect(named.suggestion == "s" && named.detail == "d" && named.message == "m")
        for isDown in [true, false] {
            let outcome = Outcome.deferred(Deferral(failure, isTargetDown: isDown)).about(Self.subject)
            guard case .deferred(let deferral) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect((deferral.failure.subject == nil) == isDown)
        }
    }
}
