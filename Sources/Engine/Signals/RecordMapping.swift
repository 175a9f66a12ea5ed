import Canonical
import Contracts
import ExactJSON

/// Which fields of a record become which members of an event, and what the event is about.
struct RecordMapping: Sendable {
    private let subject: [FieldPath]
    private let order: [FieldPath]
    private let members: [(name: String, path: FieldPath)]

    init(_ settings: Settings) throws(SettingFault) {
        subject = try (settings.optional(SignalFields.subject) ?? []).map { FieldPath($0) }
        order = try (settings.optional(SignalFields.order) ?? []).map { FieldPath($0) }
        var members: [(name: String, path: FieldPath)] = []
        if let item = try settings.optional(SignalFields.item) { members.append(("item", FieldPath(item))) }
        let fields = try settings.optional(SignalFields.fields) ?? [:]
        for name in fields.keys.sorted() {
            if let path = fields[name] { members.append((name, FieldPath(path))) }
        }
        self.members = members
    }

    /// What a record says about itself.
    struct Attribution {
        var subject: String?
        var members: [(name: String, value: JSON)] = []
        /// Fields that the settings name and the record lacks.
        var missing: [String] = []
    }

    /// Reads the record. A missing field of subject or order is a fault; other missing fields are left out.
    func read(_ record: JSONObject, shape: FactShape?) -> Attribution {
        var result = Attribution()
        result.subject = join(subject, record, &result.missing)
        let order = join(self.order, record, &result.missing) ?? result.subject
        if let order, shape?.fields.contains(where: { $0.name == "order" }) ?? !self.order.isEmpty {
            result.members.append(("order", .string(order)))
        }
        for (name, path) in members {
            guard let text = path.text(in: record) else {
                // Lists and objects go as they are where the record has them.
                if let value = path.value(in: record), value.array != nil || value.object != nil {
                    result.members.append((name, value))
                }
                continue
            }
            // What the shape cannot take goes in as text, so that the event's check names the member and the value.
            result.members.append((name, EventTemplate.typed(text, for: name, in: shape) ?? .string(text)))
        }
        return result
    }

    private func join(_ paths: [FieldPath], _ record: JSONObject, _ missing: inout [String]) -> String? {
        guard !paths.isEmpty else { return nil }
        var parts: [String] = []
        for path in paths {
            if let text = path.text(in: record) { parts.append(text) } else { missing.append(path.text) }
        }
        return parts.count == paths.count ? parts.joined(separator: ", ") : nil
    }
}
