/// Cuts one row into its fields, byte by byte, across as many lines as its quotes hold open.
struct RowScanner: Sendable {
    private enum State: Sendable {
        /// At the beginning of a field.
        case start
        case plain
        case quoted
        /// Behind a quote within a quoted field: another quote stands for one, anything else ends the field.
        case quoteInQuoted
        /// Behind a closed quoted field.
        case closed
    }

    private let delimiter: UInt8
    private let quote: UInt8?
    private var state = State.start
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var isBroken = false

    init(delimiter: UInt8, quote: UInt8?) {
        self.delimiter = delimiter
        self.quote = quote
    }

    /// Whether a quoted field has begun and not ended.
    var isOpen: Bool { state == .quoted }

    /// Takes a line with its line end; true where the row ends with it.
    mutating func take(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in line {
            switch state {
            case .quoted:
                if byte == quote { state = .quoteInQuoted } else { field.append(byte) }
            case .quoteInQuoted where byte == quote:
                field.append(byte)
                state = .quoted
            case .start where byte == quote:
                state = .quoted
            default:
                if endsRow(byte) { return true }
            }
        }
        return false
    }

    /// A byte outside of quotes; true at the line's end.
    private mutating func endsRow(_ byte: UInt8) -> Bool {
        let isQuotedField = state == .quoteInQuoted || state == .closed
        if byte == 0x0A { return true }
        if byte == 0x0D {
            // A carriage return is part of a line's end or, alone within a field, a character like any other.
            state = isQuotedField ? .closed : .plain
            if !isQuotedField { field.append(byte) }
            return false
        }
        if byte == delimiter {
            endField()
            return false
        }
        if isQuotedField {
            // Blanks behind a closing quote are let pass; anything else shows that the quotes are not meant so.
            if byte != 0x20 { isBroken = true }
            state = .closed
        } else {
            field.append(byte)
            state = .plain
        }
        return false
    }

    private mutating func endField() {
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
        state = .start
    }

    /// The row's fields; the next row begins.
    mutating func endRow() -> (fields: [String], isBroken: Bool) {
        if state == .plain, field.last == 0x0D { field.removeLast() }
        endField()
        defer {
            fields = []
            isBroken = false
        }
        return (fields, isBroken)
    }
}
