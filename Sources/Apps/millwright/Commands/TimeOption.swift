import Canonical
import NodeSettings

/// Reads an option that names a moment.
enum TimeOption {
    /// An instant, or how long ago. Throws with exit code 2 for anything else.
    static func instant(_ text: String, _ option: String, _ now: Instant) throws -> Instant {
        if let instant = Instant(text: text) { return instant }
        if let ago = try? DurationText.parse(text), ago < .seconds(100 * 366 * 86_400) { return now - ago }
        throw CommandFailure(
            description: "\(option) \"\(text)\" is neither an instant (2026-03-02T06:00:00Z) nor a time ago (26h)",
            code: 2)
    }
}
