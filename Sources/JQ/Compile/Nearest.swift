/// The name that was probably meant.
enum Nearest {
    /// The known name with the fewest changed letters, or nil where none is near.
    static func name(to wanted: String, among known: [String]) -> String? {
        let letters = Array(wanted.unicodeScalars.prefix(64))
        var best: (name: String, distance: Int)?
        for name in Set(known).sorted() where !name.hasPrefix("_") {
            let distance = Self.distance(letters, Array(name.unicodeScalars))
            if distance < best?.distance ?? .max { best = (name, distance) }
        }
        guard let best, best.distance <= max(1, letters.count / 3) else { return nil }
        return best.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours (restricted Damerau–Levenshtein distance).
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var rows = [Array(0...b.count)]
        for row in 1..<(a.count + 1) {
            var current = [row]
            for column in 1..<(b.count + 1) {
                let same = a[row - 1] == b[column - 1] ? 0 : 1
                var best = min(rows[row - 1][column] + 1, current[column - 1] + 1, rows[row - 1][column - 1] + same)
                if row > 1, column > 1, a[row - 1] == b[column - 2], a[row - 2] == b[column - 1] {
                    best = min(best, rows[row - 2][column - 2] + 1)
                }
                current.append(best)
            }
            rows.append(current)
        }
        return rows[a.count][b.count]
    }
}
