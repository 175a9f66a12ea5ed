/// The Odoo series that the stand-in behaves like.
package enum OdooStandInVersion: Int, Sendable, CaseIterable, Comparable {
    case v16 = 16
    case v17 = 17
    case v18 = 18
    case v19 = 19

    /// The series as servers write it: `19.0`.
    package var series: String { "\(rawValue).0" }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
