import Canonical
import Foundation

/// Texts as Odoo's fields take them. Pure.
enum OdooText {
    /// The calendar day at the plant: Odoo's dates have no zone.
    static func day(_ time: Instant, in zone: String) -> String {
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        let offset = TimeZone(identifier: zone)?.secondsFromGMT(for: date) ?? 0
        return String((time + .seconds(offset)).odooText.prefix(10))
    }

    /// What matches nothing but `text` in `=like`, where `%` and `_` are wildcards.
    static func pattern(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }

    /// A paragraph of a field that is HTML: words are text and stay text.
    static func html(_ text: String) -> String {
        "<p>"
            + text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(escaped)
            .joined(separator: "<br>") + "</p>"
    }

    private static func escaped(_ text: Substring) -> String {
        String(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
