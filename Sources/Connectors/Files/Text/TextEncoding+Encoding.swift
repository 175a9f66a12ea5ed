extension TextEncoding {
    /// The bytes of `text`, in the encodings that are written: UTF-8, ISO 8859-1 and Windows-1252. Throws where it has
    /// a character that the encoding does not have.
    func encode(_ text: String) throws(Fault) -> [UInt8] {
        switch self {
        case .latin1: return try single(text) { $0.value < 0x100 ? UInt8($0.value) : nil }
        case .windows1252: return try single(text) { Self.windowsBytes[$0] }
        default: return Array(text.utf8)
        }
    }

    private func single(_ text: String, _ byte: (Unicode.Scalar) -> UInt8?) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        // Composed letters have one code each in these encodings, and two that stand for one have none.
        for scalar in text.unicodeScalars {
            guard let byte = byte(scalar) else {
                let number = String(scalar.value, radix: 16, uppercase: true)
                throw Fault(
                    offset: bytes.count,
                    reason: "has U+\(String(repeating: "0", count: max(0, 4 - number.utf8.count)))\(number), which "
                        + "\(rawValue) does not have")
            }
            bytes.append(byte)
        }
        return bytes
    }

    /// What each character of Windows-1252 is written as: what reading it gives, the other way round.
    private static let windowsBytes: [Unicode.Scalar: UInt8] = {
        var table: [Unicode.Scalar: UInt8] = ["\0": 0]
        for byte in UInt8(1)...UInt8(255) {
            guard let text = try? TextEncoding.windows1252.decode([byte]), let scalar = text.unicodeScalars.first else {
                continue
            }
            table[scalar] = byte
        }
        return table
    }()
}
