import ExactJSON

extension FactShape {
    /// Whether the `data` of this CloudEvents document surely is this fact. False means that a closer look
    /// (``faults(in:)``) must decide: this one walks over the bytes, builds nothing, and gives up where it is not certain.
    ///
    /// `document` must be JSON already (``EnvelopeScanner`` has seen it).
    package func surelyFits(_ document: [UInt8]) -> Bool {
        document.withUnsafeBufferPointer { buffer in
            var skim = FactSkim(buffer)
            return (try? skim.document(fields)) ?? false
        }
    }
}

/// Walks over a document and compares it with a fact's fields: the intake's way for events that have nothing wrong.
private struct FactSkim {
    private var reader: JSONSkimmer

    init(_ bytes: UnsafeBufferPointer<UInt8>) { reader = JSONSkimmer(bytes, maximumDepth: 128) }

    mutating func document(_ fields: [FactField]) throws -> Bool {
        var hasData = false
        reader.skipSpace()
        let isCertain = try members { reader, name in
            guard reader.reader.matches(name, "data") else { return try reader.skip() }
            // A member named twice counts by its last value: that is left to the closer look.
            guard !hasData else { return false }
            hasData = true
            return try reader.object(fields)
        }
        return isCertain && hasData && reader.hasPlainNumbers
    }

    /// Calls `body` for each member of the object at hand, standing at its value; ends at the first false.
    private mutating func members(
        _ body: (inout FactSkim, JSONSkimmer.StringRange) throws -> Bool
    ) throws -> Bool {
        guard reader.consume(UInt8(ascii: "{")) else { return false }
        reader.skipSpace()
        if reader.consume(UInt8(ascii: "}")) { return true }
        repeat {
            reader.skipSpace()
            let name = try reader.stringRange()
            guard !name.escaped else { return false }
            reader.skipSpace()
            guard reader.consume(UInt8(ascii: ":")) else { return false }
            reader.skipSpace()
            guard try body(&self, name) else { return false }
            reader.skipSpace()
        } while reader.consume(UInt8(ascii: ","))
        return reader.consume(UInt8(ascii: "}"))
    }

    private mutating func skip() throws -> Bool {
        try reader.skipValue(depth: 1)
        return true
    }

    private mutating func object(_ fields: [FactField]) throws -> Bool {
        guard fields.count <= UInt64.bitWidth else { return false }
        var met: UInt64 = 0
        var present: UInt64 = 0
        let isCertain = try members { skim, name in
            guard let index = fields.firstIndex(where: { skim.isName(name, $0.nameBytes) }) else {
                return try skim.skip()
            }
            let bit = UInt64(1) << UInt64(index)
            guard met & bit == 0 else { return false }
            met |= bit
            if skim.reader.peek == UInt8(ascii: "n") { return try skim.skip() }
            present |= bit
            return try skim.value(fields[index].kind)
        }
        guard isCertain else { return false }
        for (index, field) in fields.enumerated() where field.isRequired && present & (1 << UInt64(index)) == 0 {
            return false
        }
        return true
    }

    private func isName(_ range: JSONSkimmer.StringRange, _ name: [UInt8]) -> Bool {
        name.withUnsafeBufferPointer { reader.matches(range, $0) }
    }

    private mutating func value(_ kind: FactField.Kind) throws -> Bool {
        switch kind {
        case .any: return try skip()
        case .text: return try string { _ in true }
        case .code(let words): return try string { text in words.contains { $0.utf8.elementsEqual(text) } }
        case .instant: return try string { Instant(bytes: $0) != nil }
        case .quantity: return try quantity()
        case .number: return try number()
        case .seconds: return try reader.peek != UInt8(ascii: "-") && number()
        case .integer:
            let start = reader.index
            guard try number(), reader.index - start <= 18 else { return false }
            return !reader.bytes[start..<reader.index].contains(UInt8(ascii: "."))
        case .boolean:
            guard reader.peek == UInt8(ascii: "t") || reader.peek == UInt8(ascii: "f") else { return false }
            return try skip()
        case .list(let element): return try list(element)
        case .object(let fields): return try object(fields)
        }
    }

    private mutating func string(_ fits: (UnsafeBufferPointer<UInt8>) -> Bool) throws -> Bool {
        guard reader.peek == UInt8(ascii: "\"") else { return false }
        let range = try reader.stringRange()
        return !range.escaped && reader.slice(range, fits)
    }

    private mutating func number() throws -> Bool {
        guard let first = reader.peek, first == UInt8(ascii: "-") || first &- 0x30 <= 9 else { return false }
        return try skip()
    }

    private mutating func quantity() throws -> Bool {
        var hasValue = false
        var hasUnit = false
        let isCertain = try members { skim, name in
            if !hasValue, skim.reader.matches(name, "value") {
                hasValue = true
                return try skim.number()
            }
            if !hasUnit, skim.reader.matches(name, "unit") {
                hasUnit = true
                return try skim.string { UnitOfMeasure.named(String(decoding: $0, as: UTF8.self)) != nil }
            }
            return false
        }
        return isCertain && hasValue && hasUnit
    }

    private mutating func list(_ element: FactField.Kind) throws -> Bool {
        guard reader.consume(UInt8(ascii: "[")) else { return false }
        reader.skipSpace()
        if reader.consume(UInt8(ascii: "]")) { return true }
        repeat {
            reader.skipSpace()
            guard try value(element) else { return false }
            reader.skipSpace()
        } while reader.consume(UInt8(ascii: ","))
        return reader.consume(UInt8(ascii: "]"))
    }
}
