extension JSONReader {
    /// So many members are compared with a new one where that may be there already; an object of more has an index.
    private static let few = 32

    mutating func object(depth: Int) throws(JSONSyntaxError) -> JSON {
        guard depth <= maximumDepth else { throw failure("nested deeper than \(maximumDepth) levels") }
        index += 1
        skipSpace()
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
            index += 1
            return .object(JSONObject())
        }
        let start = scratch.count
        var seen: UInt64 = 0
        repeat {
            let (name, mark) = try name()
            let value = try value(depth: depth)
            if seen & mark == 0 || !scratch.replace(name, by: value, from: start) { scratch.push(name, value) }
            seen |= mark
            if scratch.count - start == Self.few { return try rest(of: scratch.object(from: start), depth: depth) }
        } while try goesOn()
        return .object(scratch.object(from: start))
    }

    /// Goes on with an object that has many members.
    private mutating func rest(of start: JSONObject, depth: Int) throws(JSONSyntaxError) -> JSON {
        var members = start
        while try goesOn() {
            let (name, _) = try name()
            members.updateValue(try value(depth: depth), forKey: name)
        }
        return .object(members)
    }

    /// Reads a member's name and the colon. Names whose marks have no bit in common differ.
    private mutating func name() throws(JSONSyntaxError) -> (String, mark: UInt64) {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
            throw failure("a member's name in double quotes is expected")
        }
        let start = index + 1
        let name = try string()
        // Another spelling of a name may be the same name: then any may be.
        let mark = isPlain ? 1 << mark(start, index - 1) : UInt64.max
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { throw failure("a colon is expected") }
        index += 1
        skipSpace()
        return (name, mark)
    }

    private func mark(_ start: Int, _ end: Int) -> UInt64 {
        guard start < end else { return 0 }
        let (first, middle, last) = (bytes[start], bytes[(start + end) >> 1], bytes[end - 1])
        return (UInt64(end - start) &+ 3 &* UInt64(first) &+ 7 &* UInt64(middle) &+ 13 &* UInt64(last)) & 63
    }

    /// Whether a comma comes behind a member, and not the object's end.
    private mutating func goesOn() throws(JSONSyntaxError) -> Bool {
        skipSpace()
        guard index < bytes.count else { throw failure("the text ends inside an object") }
        switch bytes[index] {
        case UInt8(ascii: ","):
            index += 1
            return true
        case UInt8(ascii: "}"):
            index += 1
            return false
        default: throw failure("a comma or } is expected")
        }
    }
}
