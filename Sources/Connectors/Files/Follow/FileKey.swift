/// What a file is known by, whatever it is called later: its name without what a rotation adds, and its first record.
///
/// The first record is complete before anything of the file is handed in, so the key never changes while the file
/// grows, and is the same when the file is read again from its beginning. Files of one name with the same first
/// record are told apart by `generation`, which is remembered with the positions.
struct FileKey: Sendable, Hashable, CustomStringConvertible {
    /// The most bytes that a head has.
    static let maximumHead = 64 << 10

    let digest: UInt64
    /// From 1.
    var generation: Int

    /// The key of the file at `path`, below the source's folder, whose first record ends with `head`.
    init(path: String, head: [UInt8], generation: Int = 1) {
        var hash = ContentHash()
        hash.add(Array(Self.stem(of: path).utf8))
        hash.add([0])
        hash.add(head)
        digest = hash.value
        self.generation = generation
    }

    /// A key of a digest that was made elsewhere.
    init(digest: UInt64, generation: Int = 1) {
        self.digest = digest
        self.generation = generation
    }

    /// Reads ``description``.
    init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard let digest = parts.first.flatMap({ UInt64($0, radix: 16) }), parts.count <= 2 else { return nil }
        guard let generation = parts.count == 2 ? Int(parts[1]) : 1, generation > 0 else { return nil }
        self.init(digest: digest, generation: generation)
    }

    /// `9f3c0a5be1d27648`, from the second generation on `9f3c0a5be1d27648-2`.
    var description: String {
        ContentHash.hex(digest) + (generation > 1 ? "-\(generation)" : "")
    }

    /// Names a fact of this file: ascending with the offset.
    func fact(at offset: Int) -> String {
        let digits = String(offset)
        return "\(self):" + String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
    }

    /// The path without what programs add to a name when they rotate files: `.1`, `.old`, `.bak`, `-20250203` or
    /// `.2025-02-03` behind the file's own ending.
    static func stem(of path: String) -> String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let length = rotationSuffix(of: name) else { return path }
        // What is left must have an ending of its own: in `data.1` or `2025.02` the number is part of the name.
        return name.dropLast(length).dropFirst().contains(".") ? String(path.dropLast(length)) : path
    }

    /// How many characters of the name a rotation has added; nil where none.
    private static func rotationSuffix(of name: Substring) -> Int? {
        for word in [".old", ".bak"] where name.lowercased().hasSuffix(word) { return word.count }
        let tail = Array(name.reversed())
        let digits = tail.prefix { $0.isASCII && $0.isNumber }.count
        if (1...3).contains(digits), tail.count > digits, tail[digits] == "." { return digits + 1 }
        if digits == 8, tail.count > 8, tail[8] == "." || tail[8] == "-" { return 9 }
        // yyyy-MM-dd, from its end.
        let date = tail.prefix(10).map { $0.isNumber ? "0" : String($0) }.joined()
        if date == "00-00-0000", tail.count > 10, tail[10] == "." || tail[10] == "-" { return 11 }
        return nil
    }
}

/// A 64-bit hash of bytes (FNV-1a, RFC 9923, with a last mixing step): the same on every machine and in every run.
struct ContentHash: Sendable {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    var value: UInt64 {
        var mixed = state
        mixed = (mixed ^ mixed >> 33) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ mixed >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return mixed ^ mixed >> 33
    }

    static func of(_ bytes: [UInt8]) -> UInt64 {
        var hash = ContentHash()
        hash.add(bytes)
        return hash.value
    }

    /// Sixteen hexadecimal digits.
    static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
