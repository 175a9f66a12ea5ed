import ExactJSON

@testable import NodeSettings

/// A crosswalk table. It is read or has faults with places; every row's key finds its value.
enum CrosswalkInput {
    static func check(_ input: [UInt8]) throws {
        let source = SourceText(path: "crosswalks/x.csv", text: String(decoding: input, as: UTF8.self))
        var reader = CrosswalkReader(source: source, name: "x")
        let crosswalk = reader.read()
        try require(crosswalk != nil || !reader.faults.isEmpty, "neither read nor refused")
        for fault in reader.faults where fault.line > 0 {
            try require(source.line(fault.line) != nil, "a fault beyond the file: \(fault)")
        }
        guard let crosswalk else { return }
        for (key, row) in crosswalk.rows {
            let json: JSON = key.count == 1 ? .string(key[0]) : .array(key.map { .string($0) })
            try require((try? crosswalk.value(for: json)) == row.value, "another value, or none, for \(key)")
        }
    }
}
