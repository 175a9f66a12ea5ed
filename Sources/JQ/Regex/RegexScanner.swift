/// Steps through a pattern's code points: what the readers of both syntaxes do alike.
protocol RegexScanner {
    var scalars: [UInt32] { get }
    /// The next one.
    var index: Int { get set }
}

extension RegexScanner {
    /// Levels of groups.
    static var maximumNesting: Int { 32 }
    /// The highest bound of a repetition.
    static var maximumRepetition: Int { 1_000 }

    var peek: Character? { peek(0) }

    func peek(_ offset: Int) -> Character? {
        let place = index + offset
        guard place < scalars.count, let scalar = Unicode.Scalar(scalars[place]) else { return nil }
        return Character(scalar)
    }

    mutating func take(_ text: String) -> Bool {
        let wanted = text.unicodeScalars.map(\.value)
        guard scalars[index...].starts(with: wanted) else { return false }
        index += wanted.count
        return true
    }

    /// Everything up to `end`, which is stepped over.
    mutating func text(until end: Character) throws(RegexFault) -> String {
        var text = ""
        while let character = peek {
            index += 1
            if character == end { return text }
            text.append(character)
        }
        throw RegexFault(reason: "\"\(end)\" is missing")
    }

    mutating func digits() -> Int? {
        var value: Int?
        while let digit = peek?.wholeNumberValue, peek?.isASCII == true {
            value = min((value ?? 0) * 10 + digit, 1_000_000)
            index += 1
        }
        return value
    }
}
