package import Canonical
import ExactJSON
package import Store

/// Something that is wrong with a settings folder, as the console tells of it.
package struct ReloadFault: Sendable, Hashable {
    /// Below the settings folder; nil where it is about no single file.
    package let file: String?
    /// From 1; nil where it is about a file as a whole.
    package let line: Int?
    /// From 1; nil where it is about a file as a whole.
    package let column: Int?
    /// `SET-009`; nil where there is none.
    package let code: String?
    /// Whether the folder can run all the same.
    package let isWarning: Bool
    package let message: String
    /// What to do; nil where the message says it.
    package let suggestion: String?

    package init(
        file: String? = nil, line: Int? = nil, column: Int? = nil, code: String? = nil, isWarning: Bool = false,
        message: String, suggestion: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.code = code
        self.isWarning = isWarning
        self.message = message
        self.suggestion = suggestion
    }

    /// `flows/progress.yaml:6:9`; nil where it is about no single file.
    var place: String? {
        guard let file else { return nil }
        let numbers = [line, column].compactMap { $0 }.map { String($0) }
        return ([file] + numbers).joined(separator: ":")
    }

    var json: JSON {
        [
            "file": Self.text(file), "line": Self.number(line), "column": Self.number(column), "code": Self.text(code),
            "severity": .string(isWarning ? "warning" : "error"), "message": .string(message),
            "suggestion": Self.text(suggestion),
        ]
    }

    private static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
    private static func number(_ number: Int?) -> JSON { number.map { .int($0) } ?? .null }
}

/// What was found in the settings folder, and what runs now.
package struct ReloadReport: Sendable {
    /// Faults of one report, at most.
    package static let maximumFaults = 200

    package let result: SettingsReload.Result
    /// Of the settings that run now; nil where the store has not got them yet.
    package let version: Int64?
    /// The same as the digest of all their files.
    package let digest: String
    /// What differs from what ran before.
    package let changes: [String]
    /// What is wrong, errors first.
    package let faults: [ReloadFault]
    /// Faults that are not among ``faults``.
    package let more: Int
    package let time: Instant

    /// `faults`: all there are, of which the first ``maximumFaults`` are kept.
    package init(
        _ result: SettingsReload.Result, version: Int64?, digest: String, changes: [String] = [],
        faults: [ReloadFault] = [], time: Instant
    ) {
        let sorted = faults.filter { !$0.isWarning } + faults.filter(\.isWarning)
        self.result = result
        self.version = version
        self.digest = digest
        self.changes = changes
        self.faults = Array(sorted.prefix(Self.maximumFaults))
        more = max(0, sorted.count - Self.maximumFaults)
        self.time = time
    }

    /// The first error in a few words; nil where there is none.
    package var reason: String? {
        faults.first { !$0.isWarning }.map { fault in
            [fault.place, fault.message].compactMap { $0 }.joined(separator: ": ")
        }
    }

    /// Whether something in the folder's files is wrong; else what is around them keeps it from running here.
    var isFolderWrong: Bool { faults.contains { !$0.isWarning && $0.file != nil } }

    var members: JSONObject {
        [
            "result": .string(result.rawValue), "version": version.map { .int(Int($0)) } ?? .null,
            "digest": .string(digest), "changes": .array(changes.map { .string($0) }),
            "faults": .array(faults.map(\.json)), "more": .int(more),
        ]
    }
}

/// What became of a wish to have the settings folder read again.
package enum ReloadOutcome: Sendable {
    case settled(ReloadReport)
    /// The folder is about to run at another address or with another certificate: this connection ends before.
    case moving
    /// It could not be written down who asked, so nothing was done.
    case failed(any Error)
}
