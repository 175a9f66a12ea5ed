/// Finds words that mean a quality hold in what people called a location or an activity. Pure.
struct HoldWords: Sendable {
    private let phrases: [String]

    /// Words or phrases; case does not matter, and each must stand by itself: `hold` is not in `household`.
    init(_ phrases: [String]) { self.phrases = phrases.map(Self.normal).filter { $0.count > 2 } }

    func areIn(_ text: String?) -> Bool {
        guard let text else { return false }
        let normal = Self.normal(text)
        return phrases.contains { normal.contains($0) }
    }

    /// Lowercase words with one space around each.
    private static func normal(_ text: String) -> String {
        " " + text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ") + " "
    }
}
