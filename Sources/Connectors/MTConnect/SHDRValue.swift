import Contracts
import ExactJSON

/// What one key of a line says.
enum SHDRValue: Hashable {
    case value(String)
    case structured(JSON)
    case unavailable

    /// Nil for unavailable.
    var json: JSON? {
        switch self {
        case .value(let text): .string(text)
        case .structured(let json): json
        case .unavailable: nil
        }
    }

    /// Why the fields of a key cannot be read.
    struct Problem: Error {
        let kind: FailureKind
        let words: String
    }

    /// Reads the fields behind a key; missing ones at the end count as empty.
    static func read(_ kind: SHDRKind, _ fields: ArraySlice<String>) -> Result<SHDRValue, Problem> {
        func field(_ offset: Int) -> String {
            let index = fields.startIndex + offset
            return index < fields.endIndex ? fields[index] : ""
        }
        if field(0).uppercased() == "UNAVAILABLE" { return .success(.unavailable) }
        switch kind {
        case .value: return .success(.value(field(0)))
        case .condition:
            let level = field(0).uppercased()
            guard ["NORMAL", "WARNING", "FAULT"].contains(level) else {
                return .failure(
                    Problem(kind: SHDRFailures.badLevel, words: "the level \"\(field(0).excerpt)\" is not known"))
            }
            return .success(
                .structured([
                    "level": .string(level), "nativeCode": .string(field(1)), "nativeSeverity": .string(field(2)),
                    "qualifier": .string(field(3)), "message": .string(field(4)),
                ]))
        case .message: return .success(.structured(["nativeCode": .string(field(0)), "text": .string(field(1))]))
        case .alarm:
            return .success(
                .structured([
                    "code": .string(field(0)), "nativeCode": .string(field(1)), "severity": .string(field(2)),
                    "state": .string(field(3)), "text": .string(field(4)),
                ]))
        case .timeSeries: return series(count: field(0), rate: field(1), samples: field(2))
        case .dataSet, .table:
            guard let set = SHDRDataSet.read(field(0), isTable: kind == .table) else {
                return .failure(
                    Problem(kind: SHDRFailures.badDataSet, words: "\"\(field(0).excerpt)\" is no data set"))
            }
            return .success(.structured(set))
        }
    }

    private static func series(count: String, rate: String, samples: String) -> Result<SHDRValue, Problem> {
        let words = samples.split(separator: " ")
        guard let size = Int(count), size == words.count else {
            return .failure(
                Problem(
                    kind: SHDRFailures.badSeries,
                    words: "\(count.excerpt) values are stated and \(words.count) given"))
        }
        var values: [JSON] = []
        for word in words {
            guard let number = ExactNumber(text: String(word)) else {
                return .failure(Problem(kind: SHDRFailures.badSeries, words: "\"\(word.excerpt)\" is no number"))
            }
            values.append(.number(number))
        }
        var members: JSONObject = ["count": .int(size), "values": .array(values)]
        if !rate.isEmpty {
            guard let number = ExactNumber(text: rate) else {
                return .failure(
                    Problem(kind: SHDRFailures.badSeries, words: "the rate \"\(rate.excerpt)\" is no number"))
            }
            members["rate"] = .number(number)
        }
        return .success(.structured(.object(members)))
    }
}
