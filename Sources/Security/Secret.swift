/// Text that must not be seen: it prints, and shows in dumps and debuggers, as `•••`.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself, for the one place that needs it.
    package let reveal: String

    package init(_ text: String) { reveal = text }

    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Equatable {
    /// Compares in a time that does not tell where two secrets differ.
    package static func == (a: Secret, b: Secret) -> Bool {
        Digest.constantTimeEquals(Array(a.reveal.utf8), Array(b.reveal.utf8))
    }
}
