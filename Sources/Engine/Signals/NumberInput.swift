import Contracts
import ExactJSON

extension ExactNumber {
    /// Whether any plant's sums of such numbers stay far below the bound of exact arithmetic: up to 18 digits before
    /// and behind the point.
    var isSummable: Bool {
        let bound = ExactNumber(1_000_000_000_000_000_000)
        return (-18...18).contains(scale) && self < bound && negated < bound
    }
}

/// Where a signal finds a number: in a tag's value, or in a field of a record.
struct NumberInput: Sendable {
    /// What one reading says.
    enum Finding {
        case number(ExactNumber)
        /// Nobody knows it for now.
        case unknown
        /// Something else stands there; in words.
        case unreadable(String)
        /// The record has no such field.
        case missing
    }

    let tag: String?
    let records: [String]
    private let field: FieldPath?

    var tags: [String] { tag.map { [$0] } ?? [] }
    /// What messages and defaults call it.
    var label: String { tag ?? field?.text ?? "" }

    /// Reads `tag:`, or `on:` with `field:`.
    init(_ settings: Settings) throws(SettingFault) {
        tag = try settings.optional(SignalFields.tag)
        records = try settings.optional(SignalFields.on) ?? []
        field = try settings.optional(SignalFields.number).map { FieldPath($0) }
        guard tag != nil || (!records.isEmpty && field != nil) else {
            throw SettingFault(
                location: settings.location, reason: "the signal listens to nothing",
                suggestion:
                    "give `tag:`, or `on:` with kinds of records and `field:` with the field that has the number")
        }
    }

    /// What `reading` says of the number.
    func find(in reading: Reading) -> Finding {
        let raw: JSON
        switch reading.value {
        case .unavailable: return .unknown
        case .value(let value): raw = value
        case .record(let record):
            guard let field, let value = field.value(in: record) else { return .missing }
            raw = value
        }
        if raw.plainText?.isEmpty == true { return .unknown }
        if let number = raw.asNumber { return .number(number) }
        return .unreadable(String((raw.plainText.map { "\"\($0)\"" } ?? "\(raw)").prefix(100)))
    }

    /// What one reading gives to count with.
    enum Countable {
        case number(ExactNumber)
        /// Nobody knows it for now, or the device begins anew.
        case unknown
        /// Something else stands there: it is reported.
        case refused
    }

    /// The number to count with. `session`: the tag whose report says that the device begins anew.
    func countable(
        in reading: Reading, session: String?, signal: String, _ pass: inout SignalPass
    ) -> Countable {
        if let session, reading.name == session, session != tag { return .unknown }
        switch find(in: reading) {
        case .number(let number):
            guard number.isSummable else {
                pass.fault(SignalFailures.tooManyDigits, "\(label) cannot be counted with", reading, signal: signal)
                return .refused
            }
            return .number(number)
        case .unknown: return .unknown
        case .missing, .unreadable:
            _ = number(in: reading, signal: signal, &pass)
            return .refused
        }
    }

    /// The number; nil where nobody knows it, or where something else stands, which is reported.
    func number(in reading: Reading, signal: String, _ pass: inout SignalPass) -> ExactNumber? {
        switch find(in: reading) {
        case .number(let number): return number
        case .unknown: return nil
        case .missing:
            pass.fault(SignalFailures.missingField, "\(reading.name) has no \(label)", reading, signal: signal)
        case .unreadable(let words):
            pass.fault(
                SignalFailures.notANumber, "\(label) says \(words) where a number is expected", reading, signal: signal)
        }
        return nil
    }
}
