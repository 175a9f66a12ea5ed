import ExactJSON
import JQ
import NodeSettings
import Store

/// Which events are meant: by type, and by a jq expression over the event.
struct EventSelector {
    private let type: TypePattern?
    private let predicate: JQProgram?
    /// Why the expression failed on the first event on which it did, and on how many.
    private(set) var failure: String?
    private(set) var failures = 0

    /// Throws where the pattern is none, or the expression does not compile.
    init(type: String?, predicate: String?) throws {
        do throws(ScalarRefusal) {
            self.type = try type.map { text throws(ScalarRefusal) in try TypePattern(text) }
        } catch {
            throw CommandFailure(description: "--type \(error.reason)", code: 2)
        }
        do throws(JQCompileError) {
            self.predicate = try predicate.map { text throws(JQCompileError) in
                try JQProgram.compile(text, name: "--where")
            }
        } catch {
            throw CommandFailure(description: "--where: \(error.reason) (column \(error.column))", code: 2)
        }
    }

    /// Whether an event is meant. One on which the expression fails is not.
    mutating func takes(_ entry: JournalEntry) -> Bool {
        guard type?.matches(entry.document.envelope.type) ?? true else { return false }
        guard let predicate else { return true }
        do {
            let verdict = try predicate.run(JSONReader.read(entry.document.bytes)).first ?? .null
            return verdict != .null && verdict != .bool(false)
        } catch {
            failures += 1
            failure = failure ?? "\(error)"
            return false
        }
    }
}
