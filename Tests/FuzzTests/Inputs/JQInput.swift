import ExactJSON
import JQ

/// A program and, behind a line with a semicolon alone, its input. It compiles or says where not; it ends within its
/// limits; what comes out is JSON.
enum JQInput {
    private static let limits = JQLimits(steps: 2_000, depth: 200, outputs: 50, memory: 1 << 20)
    private static let now = ExactNumber(1_700_000_000)
    private static let mark = Array("\n;\n".utf8)
    private static let sample: JSON = [
        "id": "a-1", "subject": "MO/1", "list": [3, 1, 2, "x", JSON.null], "text": "2025-02-03T06:00:19Z",
        "data": ["quantity": ["value": 7, "unit": "pcs"], "flag": true], "n": 1,
    ]

    static func check(_ input: [UInt8]) throws {
        var program = String(decoding: input, as: UTF8.self)
        var value = sample
        if let range = input.firstRange(of: mark) {
            program = String(decoding: input[..<range.lowerBound], as: UTF8.self)
            value = (try? JSONReader.read(Array(input[range.upperBound...]))) ?? sample
        }
        let compiled: JQProgram
        do {
            compiled = try JQProgram.compile(program)
        } catch {
            try require(error.line >= 1 && error.column >= 1, "no place: \(error)")
            return
        }
        guard let reading = JQReading(program) else {
            throw PropertyViolation(description: "what compiles is not told of: \(program)")
        }
        let outputs: [JSON]
        do {
            outputs = try compiled.run(value, now: now, limits: limits)
        } catch {
            try require(!error.message.isEmpty, "an error without words")
            return
        }
        // What is told of a condition without running it holds.
        let holds = outputs.first.map { $0 != .null && $0 != .bool(false) } ?? false
        let verdict = reading.verdict { _ in nil }
        try require(verdict == .unknown || holds == (verdict == .always), "\(program) is no \(verdict)")
        for output in outputs {
            try require(
                (try? JSONReader.read(output.bytes, maximumDepth: 600)) != nil, "no JSON comes out of \(program)")
        }
    }
}
