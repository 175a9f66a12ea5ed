package import Canonical
import ExactJSON

/// People who asked for the settings folder to be read again, and what came of it: for the audit trail.
package struct SettingsReload: Sendable {
    /// What came of it.
    package enum Result: String, Sendable, CaseIterable {
        /// The folder is as it runs already.
        case unchanged
        /// The folder runs from now on.
        case running
        /// The folder does not run; what ran goes on.
        case refused
    }

    package let result: Result
    /// Who asked; several where they asked at once.
    package let by: [String]
    /// Why it was refused, in a few words.
    package let reason: String?

    package init(_ result: Result, by people: [String], reason: String? = nil) {
        self.result = result
        self.by = people
        self.reason = reason
    }
}

extension StoreTransaction {
    /// Characters of a reason that the audit trail keeps, at most.
    private static var reasonMaximum: Int { 500 }

    /// Writes a line of the audit trail for each who asked. `version` and `digest`: the settings that run now; no
    /// version where the store has not got them yet.
    package func audit(_ reload: SettingsReload, version: Int64?, digest: String, now: Instant) throws {
        var detail: JSONObject = [
            "result": .string(reload.result.rawValue), "version": version.map { .int(Int($0)) } ?? .null,
            "digest": .string(digest),
        ]
        if let reason = reload.reason { detail["reason"] = .string(String(reason.prefix(Self.reasonMaximum))) }
        for person in reload.by {
            try audit("settings.reload", actor: person, detail: .object(detail), now: now)
        }
    }
}
