/// Finds the word that was most likely meant.
enum Nearest {
    /// Longer words are not compared: neither is a typing error of the other.
    private static let longest = 120

    /// The candidate with the smallest edit distance to `name`; nil where more than a third of it would change.
    static func of(_ name: String, among candidates: [String]) -> String? {
        guard !name.isEmpty, name.count <= longest else { return nil }
        let wanted = Array(name.lowercased())
        let allowed = max(1, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates.prefix(500) where candidate != name && candidate.count <= longest {
            let other = Array(candidate.lowercased())
            guard abs(other.count - wanted.count) <= allowed else { continue }
            let distance = distance(wanted, other)
            guard distance <= allowed, distance < wanted.count, distance < best?.distance ?? Int.max else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var last = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var row = [i + 1]
            for (j, other) in b.enumerated() {
                row.append(min(row[j] + 1, last[j + 1] + 1, last[j] + (letter == other ? 0 : 1)))
            }
            last = row
        }
        return last[b.count]
    }
}
