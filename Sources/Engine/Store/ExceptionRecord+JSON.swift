import Canonical
import Contracts
package import ExactJSON

// What people and programs are told of exceptions.
extension ExceptionRecord {
    /// One JSON object. `original` is text as far as it is UTF-8.
    package var json: JSON {
        [
            "id": .int(Int(id)), "kind": .string(kind.rawValue), "created": .string(created.description),
            "code": .string(failure.kind.code), "message": .string(failure.message),
            "suggestion": .string(failure.suggestion), "detail": Self.text(failure.detail), "cause": .string(cause),
            "record": failure.subject?.json ?? .null,
            "source": Self.text(source), "flow": Self.text(flow?.rawValue), "target": Self.text(target?.rawValue),
            "key": Self.text(key?.rawValue), "event": Self.text(eventID), "origin": Self.text(origin),
            "arguments": arguments ?? .null, "original": .string(String(decoding: original, as: UTF8.self)),
            "state": .string(state.name), "assignee": Self.text(assignee),
            "settled": Self.text(settled?.description), "settledBy": Self.text(settledBy), "note": Self.text(note),
        ]
    }

    private static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

    /// What it is about: the order, the place in a file, or the source.
    package var subject: String { key?.rawValue ?? origin ?? source ?? "" }
}

extension ExceptionRecord.State {
    /// `open`, `resubmitted`, `discarded`
    package var name: String {
        switch self {
        case .open: "open"
        case .resubmitted: "resubmitted"
        case .discarded: "discarded"
        }
    }
}

extension ExceptionGroup {
    /// One JSON object.
    package var json: JSON {
        [
            "cause": .string(cause), "count": .int(count), "code": .string(example.failure.kind.code),
            "pattern": .string(ExceptionCause(example).pattern),
            "flow": example.flow.map { .string($0.rawValue) } ?? .null,
            "target": example.target.map { .string($0.rawValue) } ?? .null,
            "source": example.source.map { .string($0) } ?? .null,
            "suggestion": .string(example.failure.suggestion), "oldest": .string(oldest.description),
            "newest": .string(newest.description), "example": .int(Int(example.id)),
        ]
    }
}

extension ExceptionNote {
    /// One JSON object.
    package var json: JSON {
        [
            "time": .string(time.description), "by": .string(by), "kind": .string(kind.rawValue), "text": .string(text),
        ]
    }
}

extension RequestState {
    /// One JSON object.
    package var json: JSON {
        [
            "id": .int(Int(id)), "kind": .string(kind), "by": .string(by), "created": .string(created.description),
            "result": result.map { .string($0) } ?? .null, "order": order?.json ?? replayOrder?.json ?? .null,
            "progress": progress?.json ?? replay?.json ?? .null,
        ]
    }
}
