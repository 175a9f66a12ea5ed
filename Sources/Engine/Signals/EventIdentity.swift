import Canonical
import Contracts
import ExactJSON

/// Makes event ids: from the fact, ascending, the same when the same fact is read again.
enum EventIdentity {
    /// `ppartcount:1659966874:00000000000000000012`: counter, epoch, value.
    static func counter(_ signal: String, epoch: Int64, value: ExactNumber) -> String {
        var id = signal
        id += ":"
        pad(String(max(0, epoch)), to: 10, into: &id)
        id += ":"
        pad(value.trimmed().description, to: 20, into: &id)
        return id
    }

    /// `pexecution:00001659966874716714:0000000003`: signal, time in microseconds, running number.
    static func timed(_ signal: String, time: Instant, ordinal: Int64) -> String {
        var id = signal
        id += ":"
        pad(String(max(0, time.microseconds)), to: 20, into: &id)
        id += ":"
        pad(String(ordinal), to: 10, into: &id)
        return id
    }

    /// The fact's own name, the signal that made the event of it, and what tells several events of one signal apart.
    /// The signal always stands there, so that adding a second signal never renames the events of the first.
    static func fact(_ factID: String, _ signal: String, _ detail: String? = nil) -> String {
        "\(factID):\(signal)" + (detail.map { ":" + $0 } ?? "")
    }

    /// Whether ``fact(_:_:_:)`` made `id` of that fact.
    static func isOf(_ factID: String, _ id: String) -> Bool { id.hasPrefix(factID + ":") }

    /// Appends `digits` with zeros before them, so that the part before the decimal point has `width` digits.
    private static func pad(_ digits: String, to width: Int, into id: inout String) {
        var whole = 0
        for byte in digits.utf8 {
            if byte == UInt8(ascii: ".") { break }
            whole += 1
        }
        if whole < width { id += zeros.prefix(width - whole) }
        id += digits
    }

    private static let zeros = "00000000000000000000"
}
