/// Reads a structured dictionary (RFC 8941 section 4.2) strictly and within bounds: what comes from a peer that
/// nobody has checked yet. Stricter than the RFC in one point: a key that comes twice is refused, since two readers
/// could differ on it.
package struct StructuredFieldReader {
    /// Why a field cannot be read, and at which of its bytes.
    package struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        package let offset: Int
        package let reason: String
        package var description: String { "\(reason) (byte \(offset))" }
    }

    /// Bytes of the longest field that is read.
    package static let maximumBytes = 4_096
    /// Members of a dictionary, items of an inner list, and parameters of either.
    package static let maximumCount = 32

    private let bytes: [UInt8]
    private var index = 0

    /// The dictionary in `text`; throws ``Fault`` for anything else.
    package static func dictionary(_ text: String) throws(Fault) -> StructuredDictionary {
        guard text.utf8.count <= maximumBytes else {
            throw Fault(offset: maximumBytes, reason: "longer than \(maximumBytes) bytes")
        }
        var reader = StructuredFieldReader(bytes: Array(text.utf8))
        return try reader.dictionary()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func fault(_ reason: String) -> Fault { Fault(offset: index, reason: reason) }

    private mutating func consume(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpaces(tabs: Bool = false) {
        while let byte = peek, byte == 0x20 || (tabs && byte == 0x09) { index += 1 }
    }

    private mutating func dictionary() throws(Fault) -> StructuredDictionary {
        var members: [(key: String, value: StructuredMember)] = []
        skipSpaces()
        while peek != nil {
            guard members.count < Self.maximumCount else { throw fault("more than \(Self.maximumCount) members") }
            let name = try key()
            guard !members.contains(where: { $0.key == name }) else { throw fault("\(name) comes twice") }
            members.append((name, try member()))
            skipSpaces(tabs: true)
            if peek == nil { break }
            guard consume(",") else { throw fault("a comma is expected") }
            skipSpaces(tabs: true)
            guard peek != nil else { throw fault("a member is expected behind the comma") }
        }
        return StructuredDictionary(members)
    }

    private mutating func member() throws(Fault) -> StructuredMember {
        guard consume("=") else { return .item(StructuredItem(.boolean(true), parameters: try parameters())) }
        if peek == UInt8(ascii: "(") { return .innerList(try innerList()) }
        return .item(StructuredItem(try bareItem(), parameters: try parameters()))
    }

    private mutating func innerList() throws(Fault) -> StructuredList {
        index += 1
        var items: [StructuredItem] = []
        while true {
            skipSpaces()
            if consume(")") { return StructuredList(items, parameters: try parameters()) }
            guard items.count < Self.maximumCount else { throw fault("more than \(Self.maximumCount) items in a list") }
            items.append(StructuredItem(try bareItem(), parameters: try parameters()))
            guard peek == 0x20 || peek == UInt8(ascii: ")") else { throw fault("a space or ) is expected") }
        }
    }

    private mutating func parameters() throws(Fault) -> [StructuredParameter] {
        var parameters: [StructuredParameter] = []
        while consume(";") {
            guard parameters.count < Self.maximumCount else { throw fault("more than \(Self.maximumCount) parameters") }
            skipSpaces()
            let name = try key()
            guard !parameters.contains(where: { $0.name == name }) else { throw fault("\(name) comes twice") }
            parameters.append(StructuredParameter(name, consume("=") ? try bareItem() : .boolean(true)))
        }
        return parameters
    }

    private mutating func key() throws(Fault) -> String {
        let start = index
        while let byte = peek, Self.isKey(byte, first: index == start) { index += 1 }
        guard index > start else { throw fault("a key is expected (lower-case letters, digits, _ - . *)") }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isKey(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case 0x61...0x7A, UInt8(ascii: "*"): true
        case 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): !first
        default: false
        }
    }

    private mutating func bareItem() throws(Fault) -> BareItem {
        guard let byte = peek else { throw fault("a value is expected") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: ":"): return .bytes(try byteSequence())
        case UInt8(ascii: "?"): return .boolean(try boolean())
        case UInt8(ascii: "-"), 0x30...0x39: return .integer(try integer())
        case UInt8(ascii: "*"), 0x41...0x5A, 0x61...0x7A: return .token(token())
        default: throw fault("a value is expected")
        }
    }

    private mutating func string() throws(Fault) -> String {
        index += 1
        var output: [UInt8] = []
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: output, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = peek, escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else {
                    throw fault("only \\\" and \\\\ are escapes")
                }
                output.append(escaped)
                index += 1
            case 0x20...0x7E: output.append(byte)
            default: throw fault("a character that strings do not have")
            }
        }
        throw fault("the string has no end")
    }

    private mutating func byteSequence() throws(Fault) -> [UInt8] {
        index += 1
        guard let end = bytes[index...].firstIndex(of: UInt8(ascii: ":")) else {
            throw fault("the byte sequence has no end")
        }
        guard let value = Base64.decode(String(decoding: bytes[index..<end], as: UTF8.self)) else {
            throw fault("the byte sequence is not Base64")
        }
        index = end + 1
        return value
    }

    private mutating func boolean() throws(Fault) -> Bool {
        index += 1
        if consume("1") { return true }
        guard consume("0") else { throw fault("?0 or ?1 is expected") }
        return false
    }

    private mutating func integer() throws(Fault) -> Int64 {
        let isNegative = consume("-")
        let start = index
        var value: Int64 = 0
        while let byte = peek, byte &- 0x30 <= 9 {
            guard index - start < 15 else { throw fault("an integer has at most 15 digits") }
            value = value * 10 + Int64(byte - 0x30)
            index += 1
        }
        guard index > start else { throw fault("a digit is expected") }
        guard peek != UInt8(ascii: ".") else { throw fault("decimals are not taken here") }
        return isNegative ? -value : value
    }

    private mutating func token() -> String {
        let start = index
        while let byte = peek, Self.isToken(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~:/".utf8.contains(byte)
        }
    }
}
