import Contracts
import Foundation

/// Time zones by their IANA names.
package enum TimeZoneText {
    private static let known = Set(TimeZone.knownTimeZoneIdentifiers).union(["UTC", "Etc/UTC"])

    /// Abbreviations that people write; each stands for several zones, so none is taken.
    private static let abbreviations: [String: String] = [
        "CET": "Europe/Paris", "CEST": "Europe/Paris", "MEZ": "Europe/Berlin", "GMT": "Europe/London",
        "BST": "Europe/London", "EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago",
        "CDT": "America/Chicago", "MST": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
        "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
    ]

    /// Accepts `Europe/Paris` and `UTC`. An abbreviation (`CET`) or an offset (`+01:00`) is refused: neither says when
    /// daylight saving time begins.
    package static func check(_ text: String) throws(ScalarRefusal) {
        if known.contains(text) { return }
        // Names that IANA renamed (Asia/Calcutta) are not listed, but known.
        if text.contains("/"), text.count <= 64, text.allSatisfy({ $0.isASCII }), TimeZone(identifier: text) != nil {
            return
        }
        let nearest =
            abbreviations[text.uppercased()] ?? NearestName.of(
                text, among: known.filter { initial($0) == initial(text) })
            ?? known.filter { $0.lowercased().hasSuffix("/\(text.lowercased())") }.min()
        throw ScalarRefusal(
            SettingsFailures.timeZone, "is \(text.quotedBriefly), which is no IANA time zone",
            suggestion: nearest.map { "did you mean \($0)?" })
    }

    /// The first letter of the city: two cities that begin otherwise are not one misspelt.
    private static func initial(_ zone: String) -> Character? {
        (zone.split(separator: "/").last ?? "").lowercased().first
    }
}
