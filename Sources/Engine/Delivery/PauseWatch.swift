import Contracts
package import Store

/// What is paused, as one part of the engine knows it: from the store when it begins, from the desk afterwards.
package struct PauseWatch: Sendable {
    package private(set) var pauses = Pauses()
    /// Rings when something was paused or goes on.
    let bell = Bell()
    private var changes = 0

    /// To be asked before the store is: ``begin(_:since:)`` tells from it whether a person was quicker.
    var mark: Int { changes }

    /// Begins with what the store has, where nothing changed since `mark`.
    mutating func begin(_ stored: Pauses, since mark: Int) {
        if changes == mark { pauses = stored }
    }

    mutating func set(_ pauses: Pauses) {
        self.pauses = pauses
        changes += 1
        bell.ring()
    }
}
