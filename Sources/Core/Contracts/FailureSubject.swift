package import ExactJSON

/// The record that a failure is about, as a person finds it: what its system calls it, and where a browser shows it.
package struct FailureSubject: Sendable, Hashable {
    /// The longest texts that are taken.
    private static let maximumWords = 200
    private static let maximumAddress = 500

    /// Whose record it is: `Odoo`.
    package let system: String
    /// What it is called there: `mrp.production,42`.
    package let title: String
    /// Where a browser shows it: an absolute address of http or https, without a user or a password.
    package let url: String

    /// Nil for any other address, as whatever stands here becomes a link on a page.
    package init?(system: String, title: String, url: String) {
        let words = [system, title]
        guard words.allSatisfy({ !$0.isEmpty && $0.unicodeScalars.count <= Self.maximumWords }), Self.isForBrowsers(url)
        else { return nil }
        self.system = system
        self.title = title
        self.url = url
    }

    /// `Open mrp.production 42 in Odoo`
    package var invitation: String { "Open \(title.replacing(",", with: " ")) in \(system)" }

    private static func isForBrowsers(_ url: String) -> Bool {
        guard url.utf8.count <= maximumAddress,
            let scheme = ["https://", "http://"].first(where: { url.hasPrefix($0) })
        else { return false }
        let visible: ClosedRange<Unicode.Scalar> = "!"..."~"
        let foreign = Set("\"<>\\^`{|}".unicodeScalars)
        guard url.unicodeScalars.allSatisfy({ visible.contains($0) && !foreign.contains($0) }) else { return false }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !authority.isEmpty && !authority.contains("@")
    }
}

extension FailureSubject {
    /// One JSON object.
    package var json: JSON { ["system": .string(system), "title": .string(title), "url": .string(url)] }

    /// Reads what ``json`` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let system = json["system"]?.string, let title = json["title"]?.string, let url = json["url"]?.string
        else { return nil }
        self.init(system: system, title: title, url: url)
    }
}
