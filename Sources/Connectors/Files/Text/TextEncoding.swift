/// How a file's bytes stand for characters.
enum TextEncoding: String, Sendable, Hashable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case latin1 = "iso-8859-1"
    case windows1252 = "windows-1252"

    /// Bytes of one code unit: 2 in UTF-16.
    var unit: Int { self == .utf16LittleEndian || self == .utf16BigEndian ? 2 : 1 }

    /// The encoding that a byte order mark at the beginning names, and the mark's length.
    static func mark(_ bytes: [UInt8]) -> (encoding: TextEncoding, length: Int)? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
        if bytes.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
        if bytes.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
        return nil
    }

    /// Where bytes are not of this encoding.
    struct Fault: Error, Hashable {
        /// Counted from the first byte handed in.
        let offset: Int
        let reason: String
    }

    /// The text of `bytes`. Throws where they are not of this encoding; a zero character is refused too, as no line
    /// of text has one.
    func decode(_ bytes: ArraySlice<UInt8>) throws(Fault) -> String {
        switch self {
        case .utf8: return try Self.decodeUTF8(bytes)
        case .latin1: return try Self.decodeSingle(bytes, upper: nil)
        case .windows1252: return try Self.decodeSingle(bytes, upper: Self.windowsUpper)
        case .utf16LittleEndian: return try Self.decodeUTF16(bytes, low: 0)
        case .utf16BigEndian: return try Self.decodeUTF16(bytes, low: 1)
        }
    }

    private static func decodeUTF8(_ bytes: ArraySlice<UInt8>) throws(Fault) -> String {
        if let zero = bytes.firstIndex(of: 0) {
            throw Fault(offset: zero - bytes.startIndex, reason: "a zero byte")
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        throw Fault(
            offset: offset, reason: "byte \(hex(bytes[bytes.startIndex + min(offset, bytes.count - 1)])) is not UTF-8")
    }

    /// `upper` says what 0x80 to 0x9F stand for, where not for the control characters of ISO 8859-1.
    private static func decodeSingle(_ bytes: ArraySlice<UInt8>, upper: [UInt16]?) throws(Fault) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            let unit = if let upper, byte & 0xE0 == 0x80 { upper[Int(byte) - 0x80] } else { UInt16(byte) }
            guard byte != 0 else { throw Fault(offset: index, reason: "a zero byte") }
            guard unit != 0 else {
                throw Fault(offset: index, reason: "byte \(hex(byte)) has no character in windows-1252")
            }
            units.append(unit)
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func decodeUTF16(_ bytes: ArraySlice<UInt8>, low: Int) throws(Fault) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            units.append(UInt16(bytes[index + low]) | UInt16(bytes[index + 1 - low]) << 8)
            index += 2
        }
        guard index == bytes.endIndex else { throw Fault(offset: bytes.count - 1, reason: "half a UTF-16 unit") }
        if let zero = units.firstIndex(of: 0) { throw Fault(offset: zero * 2, reason: "a zero character") }
        if let text = String(validating: units, as: UTF16.self) { return text }
        var decoder = UTF16()
        var iterator = units.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF16.width(scalar) * 2 }
        throw Fault(offset: offset, reason: "half of a surrogate pair")
    }

    private static func hex(_ byte: UInt8) -> String {
        "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    /// 0x80 to 0x9F of Windows code page 1252 (Unicode's mapping table CP1252.TXT); 0 where it has no character.
    private static let windowsUpper: [UInt16] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]
}
