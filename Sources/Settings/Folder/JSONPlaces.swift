import ExactJSON

/// Finds where in a JSON text the value or the name stands that a JSON Pointer means.
struct JSONPlaces {
    private let bytes: [UInt8]
    private var index = 0

    /// `bytes` must be JSON: what is not may give any place, and never one outside.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The offset of the value at `pointer`, or of its name; that of the nearest place above it where nothing is there.
    static func offset(of pointer: String, isName: Bool, in bytes: [UInt8]) -> Int {
        var places = JSONPlaces(bytes)
        let parts = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            $0.replacing("~1", with: "/").replacing("~0", with: "~")
        }
        places.skipSpace()
        var found = places.index
        for (number, part) in parts.enumerated() {
            guard let (name, value) = places.child(String(part)) else { return found }
            found = isName && number == parts.count - 1 ? name : value
            places.index = value
        }
        return found
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    /// Where the member or element `part` of the value at hand has its name and its value. Of a member given twice the
    /// last counts, as it does for the reader.
    private mutating func child(_ part: String) -> (name: Int, value: Int)? {
        let isObject = peek == UInt8(ascii: "{")
        guard isObject || peek == UInt8(ascii: "[") else { return nil }
        index += 1
        var found: (Int, Int)?
        var count = 0
        while let byte = peek, byte != UInt8(ascii: "}"), byte != UInt8(ascii: "]") {
            skipSpace()
            let start = index
            var isWanted = String(count) == part
            if isObject {
                skipText()
                let name = try? JSONReader.read(Array(bytes[start..<index])).string
                isWanted = name == part
                skipSpace()
                if peek == UInt8(ascii: ":") { index += 1 }
                skipSpace()
            }
            if isWanted { found = (start, index) }
            let before = index
            skipValue()
            skipSpace()
            if peek == UInt8(ascii: ",") {
                index += 1
                skipSpace()
            }
            if index == before { break }
            count += 1
        }
        return found
    }

    /// Passes over a text at its opening quote.
    private mutating func skipText() {
        index = min(index + 1, bytes.count)
        while let byte = peek {
            index += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") { index = min(index + 1, bytes.count) }
        }
    }

    private mutating func skipValue() {
        var depth = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                skipText()
                if depth == 0 { return }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                if depth == 0 {
                    index += 1
                    return
                }
            case UInt8(ascii: ","): if depth == 0 { return }
            default: break
            }
            index += 1
        }
    }
}
