import Contracts

/// Sizes as settings write them: plain bytes, or a whole number and a unit of 1024 (`KiB`) or 1000 (`kB`).
package enum ByteCountText {
    private static let units: [(name: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("KB", 1_000), ("B", 1),
    ]

    /// Reads `64KiB`, `20GiB`, `500MB`, `1048576`. Throws for anything else.
    package static func parse(_ text: String) throws(ScalarRefusal) -> Int {
        let quoted = text.quotedBriefly
        let number: Int
        let unit: String
        do {
            (number, unit) = try UnitNumberText.split(text)
        } catch {
            switch error {
            case .noNumber: throw refusal("is \(quoted), which is no size", nil)
            case .fraction:
                throw refusal("is \(quoted), and sizes are whole numbers", "use a smaller unit: 1536MiB for 1.5GiB")
            case .tooLarge: throw refusal("is \(quoted), which is too large", nil)
            }
        }
        if unit.isEmpty { return number }
        guard let factor = units.first(where: { $0.name == unit })?.bytes else {
            let letter = unit.prefix(1).uppercased()
            let meant = ["K", "M", "G", "T"].contains(letter) ? "\(number)\(letter)iB" : nil
            throw refusal(
                "is \(quoted), whose unit is none of B, KiB, MiB, GiB, TiB", meant.map { "write \($0)" })
        }
        let (total, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw refusal("is \(quoted), which is too large", nil) }
        return total
    }

    /// The shortest exact way to write `bytes`.
    package static func format(_ bytes: Int) -> String {
        for unit in units.prefix(4) where bytes != 0 && bytes.isMultiple(of: unit.bytes) {
            return "\(bytes / unit.bytes)\(unit.name)"
        }
        return String(bytes)
    }

    private static func refusal(_ reason: String, _ suggestion: String?) -> ScalarRefusal {
        ScalarRefusal(SettingsFailures.bytes, reason, suggestion: suggestion)
    }
}
