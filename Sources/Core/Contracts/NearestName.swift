/// Finds the name that a person most likely meant.
package enum NearestName {
    /// Names longer than this are not compared: no name is.
    private static let longest = 128

    /// The candidate with the smallest edit distance to `name`; nil where none is near (a third of the letters may
    /// differ, and one always) or where the winner would be a guess.
    package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        guard name.count <= longest, !name.isEmpty else { return nil }
        let wanted = Array(name.lowercased())
        let allowed = max(1, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate != name && candidate.count <= longest {
            let other = Array(candidate.lowercased())
            guard abs(other.count - wanted.count) <= allowed else { continue }
            let distance = distance(wanted, other)
            guard distance <= allowed, distance < max(wanted.count, other.count) else { continue }
            if let held = best, (held.distance, held.name) <= (distance, candidate) { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// Changes, insertions, removals and swaps of neighbours that turn `a` into `b` (optimal string alignment).
    package static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var row = [i + 1]
            for (j, other) in b.enumerated() {
                var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (letter == other ? 0 : 1))
                if i > 0, j > 0, letter == b[j - 1], a[i - 1] == other { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
