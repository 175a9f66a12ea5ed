import ExactJSON
import JSONSchema

/// A schema and, behind a line with a semicolon alone, a value. The schema compiles or says where not; the look at the value
/// ends within its bounds; a value fits exactly where no fault is named.
enum SchemaInput {
    private static let limits = SchemaLimits(subschemas: 500, patternSteps: 20_000, errors: 5, steps: 20_000, faults: 5)
    private static let mark = Array("\n;\n".utf8)
    private static let sample: JSON = [
        "id": "a-1", "list": [3, 1, 2, "x", JSON.null], "time": "2025-02-03T06:00:19Z",
        "data": ["quantity": ["value": 7, "unit": "pcs"], "flag": true], "n": 1,
    ]

    static func check(_ input: [UInt8]) throws {
        var text = input
        var value = sample
        if let range = input.firstRange(of: mark) {
            text = Array(input[..<range.lowerBound])
            value = (try? JSONReader.read(Array(input[range.upperBound...]))) ?? sample
        }
        guard let document = try? JSONReader.read(text) else { return }
        let schema: Schema
        do {
            schema = try Schema.compile(document, formats: .assertion, limits: limits)
        } catch {
            try require(!error.errors.isEmpty && error.errors.count <= limits.errors, "no errors: \(error)")
            for error in error.errors {
                try require(error.pointer.isEmpty || error.pointer.hasPrefix("/"), "no place: \(error)")
                try require(!error.reason.isEmpty, "an error without words")
            }
            return
        }
        let faults = schema.faults(in: value, prefix: "/data")
        try require(faults.count <= limits.faults + 1, "\(faults.count) faults")
        for fault in faults {
            try require(fault.pointer.hasPrefix("/data"), "no place: \(fault.pointer)")
            try require(!fault.message.isEmpty && fault.keyword.contains("#"), "a fault without words")
        }
        // What is said does not depend on how often it was asked.
        try require(schema.faults(in: value, prefix: "/data") == faults, "another answer to the same question")
    }
}
