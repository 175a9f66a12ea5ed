import Canonical
import ExactJSON

/// One record as Odoo's `read` gives it. Odoo says `false` for what is empty.
struct OdooRow: Sendable {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    var id: Int { json["id"]?.int ?? 0 }
    /// Text, or nil where it is empty.
    func text(_ field: String) -> String? { json[field]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    /// A number; 0 where there is none, 1 for a box that is ticked.
    func number(_ field: String) -> ExactNumber {
        json[field]?.number ?? ExactNumber(json[field]?.bool == true ? 1 : 0)
    }
    func flag(_ field: String) -> Bool { json[field]?.bool ?? false }
    /// The id behind a many2one, which comes as `[id, label]` or bare.
    func link(_ field: String) -> Int? { json[field]?[0]?.int ?? json[field]?.int }
    /// The label of a many2one.
    func label(_ field: String) -> String? { json[field]?[1]?.string }
    func links(_ field: String) -> [Int] { json[field]?.array?.compactMap(\.int) ?? [] }
    /// An instant, which Odoo writes in UTC as `2025-02-03 06:00:19`.
    func instant(_ field: String) -> Instant? { json[field]?.string.flatMap { Instant(text: $0 + "Z") } }
}

extension Instant {
    /// As Odoo takes it: `2025-02-03 06:00:19`, UTC, whole seconds.
    var odooText: String {
        let text = description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
    }
}

extension OdooConnection {
    /// The rows of a ``OdooCall/find(_:_:_:order:limit:)`` or ``OdooCall/read(_:_:_:)``.
    func rows(_ call: OdooCall) async throws(OdooError) -> [OdooRow] {
        try await self.call(call).array?.map(OdooRow.init) ?? []
    }
}
