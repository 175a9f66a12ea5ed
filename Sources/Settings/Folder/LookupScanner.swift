/// Finds the tables that a jq program looks up, without compiling it: `lookup("work-centers"; .asset)`.
struct LookupScanner {
    struct Lookup: Hashable {
        let table: String
        /// Of the table's name, from 1.
        let line: Int
        let column: Int
    }

    private(set) var lookups: [Lookup] = []
    /// A table's name is worked out at run time, so which tables are used cannot be told.
    private(set) var hasComputedTable = false

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    init(_ program: String) {
        scalars = Array(program.unicodeScalars)
        scan()
    }

    private mutating func step() {
        if scalars[index] == "\n" {
            line += 1
            lineStart = index + 1
        }
        index += 1
    }

    /// Walks through the program; strings are passed over, and what is interpolated into them is program again.
    private mutating func scan() {
        var isInString = false
        var depth = 0
        var interpolations: [Int] = []
        while index < scalars.count {
            let scalar = scalars[index]
            if isInString {
                if scalar == "\\", index + 1 < scalars.count {
                    step()
                    if scalars[index] == "(" {
                        interpolations.append(depth)
                        depth = 0
                        isInString = false
                    }
                } else if scalar == "\"" {
                    isInString = false
                }
                step()
                continue
            }
            switch scalar {
            case "#":
                while index < scalars.count, scalars[index] != "\n" { step() }
                continue
            case "\"": isInString = true
            case "(": depth += 1
            case ")":
                if depth == 0, let outer = interpolations.popLast() {
                    depth = outer
                    isInString = true
                } else {
                    depth -= 1
                }
            default:
                if Self.isWord(scalar) {
                    word()
                    continue
                }
            }
            step()
        }
    }

    private mutating func word() {
        let start = index
        while index < scalars.count, Self.isWord(scalars[index]) { step() }
        let before = start > 0 ? scalars[start - 1] : " "
        guard scalars[start..<index].elementsEqual("lookup".unicodeScalars), !".$@:".unicodeScalars.contains(before)
        else { return }
        readTable()
    }

    /// Reads ahead from behind `lookup`; the walk itself goes on from there.
    private mutating func readTable() {
        var ahead = index
        func skipSpace() { while ahead < scalars.count, scalars[ahead].properties.isWhitespace { ahead += 1 } }
        skipSpace()
        guard ahead < scalars.count, scalars[ahead] == "(" else { return }
        ahead += 1
        skipSpace()
        guard ahead < scalars.count, scalars[ahead] == "\"" else {
            hasComputedTable = true
            return
        }
        let quote = ahead
        ahead += 1
        var name = String.UnicodeScalarView()
        while ahead < scalars.count, scalars[ahead] != "\"", scalars[ahead] != "\\", scalars[ahead] != "\n" {
            name.append(scalars[ahead])
            ahead += 1
        }
        guard ahead < scalars.count, scalars[ahead] == "\"" else {
            hasComputedTable = true
            return
        }
        ahead += 1
        skipSpace()
        guard ahead < scalars.count, scalars[ahead] == ";" else {
            hasComputedTable = true
            return
        }
        // Breaks between `lookup` and the name move the line.
        let breaks = scalars[index..<quote].indices.filter { scalars[$0] == "\n" }
        let start = breaks.last.map { $0 + 1 } ?? lineStart
        lookups.append(Lookup(table: String(name), line: line + breaks.count, column: quote - start + 1))
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }
}
