package import JSONSchema

/// One event type of the folder's own: `schemas/acme.torque.measured.v1.json`, and what stands beside it.
package struct EventTypeSection: Sendable {
    package let name: EventTypeName
    /// What the event's data must fit.
    package let schema: Schema
    /// The jq program of `schemas/acme.torque.measured.v1.jq`, which makes the next version's data of an event; nil
    /// where there is none.
    package let translation: String?

    /// `acme.torque.measured.v1`
    package var type: String { name.description }
}

/// The name of an event type: `{company}.{family}.{fact}.v{n}`.
package struct EventTypeName: Sendable, Hashable, CustomStringConvertible {
    /// Without its version: `acme.torque.measured`.
    package let base: String
    /// From 1.
    package let version: Int

    /// Nil where `text` is not of this form.
    package init?(_ text: String) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 4, let last = parts.popLast(), last.hasPrefix("v"), parts.allSatisfy({ !$0.isEmpty }),
            last.utf8.count <= 6, let version = Int(last.dropFirst()), version >= 1, "v\(version)" == last
        else { return nil }
        base = parts.joined(separator: ".")
        self.version = version
    }

    private init(base: String, version: Int) {
        self.base = base
        self.version = version
    }

    package var next: EventTypeName { EventTypeName(base: base, version: version + 1) }
    package var description: String { "\(base).v\(version)" }
}
