import ExactJSON

/// JSON text. What is read is written as JSON that reads as the same value; arithmetic on exact numbers comes back.
enum JSONInput {
    static func check(_ input: [UInt8]) throws {
        guard let value = try? JSONReader.read(input) else { return }
        var text: [UInt8] = []
        JSONWriter.write(value, to: &text)
        let again = try? JSONReader.read(text)
        try require(again == value, "written and read again it differs: \(String(decoding: text, as: UTF8.self))")
        guard case .number(let number) = value else { return }
        try require(ExactNumber(text: number.description) == number, "\(number) is another number when read again")
        if let sum = try? ExactNumber.adding(number, ExactNumber(7)) {
            try require((try? ExactNumber.subtracting(sum, ExactNumber(7))) == number, "\(number) + 7 - 7")
        }
        _ = try? ExactNumber.multiplying(number, number)
        _ = try? number.rounded(toMultipleOf: ExactNumber(coefficient: 5, scale: 2), .down)
        _ = (number.intValue, number.hashValue, number.trimmed())
    }
}
