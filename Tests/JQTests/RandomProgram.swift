import ExactJSON

/// Writes random programs that compile, in two forms that must mean the same.
///
/// The second form has `(…, empty)` around its parts: evaluation then cannot take the direct way, which is only for
/// parts that are known to have one output, and goes through frames and choices instead.
struct RandomProgram {
    private var generator: SeededGenerator
    private var variables: [String] = []

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &generator)]
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    typealias Pair = (plain: String, general: String)

    mutating func program() -> Pair {
        variables = []
        return expression(number(2...5))
    }

    mutating func json(depth: Int) -> JSON {
        switch number(0...(depth > 0 ? 9 : 5)) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2, 3: return .number(pick(["0", "1", "-2", "3.50", "12345678901234567890", "0.001"]).exact)
        case 4, 5: return .string(pick(["", "a", "b c", "é\u{1F600}", "12", "x,y"]))
        case 6, 7: return .array((0..<number(0...3)).map { _ in json(depth: depth - 1) })
        default:
            var object: JSONObject = [:]
            for _ in 0..<number(0...3) { object[pick(["a", "b", "c", "long key"])] = json(depth: depth - 1) }
            return .object(object)
        }
    }

    private func wrapped(_ text: String) -> String { "(\(text), empty)" }

    /// The same text around both forms of the parts.
    private mutating func frame(_ parts: [Pair], _ text: ([String]) -> String) -> Pair {
        (text(parts.map(\.plain)), wrapped(text(parts.map(\.general))))
    }

    private mutating func leaf() -> Pair {
        let simple = [
            ".", ".a", ".b", ".a.b", ".[0]", ".[1:]", ".[-1]", "1", "2.5", "(-3)", "null", "true", "false", "\"a\"",
            "\"x,y\"",
            "[]", "{}", "[1,2,3]", "{\"a\":{\"b\":[1]}}", ".[]?", "..", "empty", "error(\"e\")", "keys?", "length?",
            "type", "tostring", "not", "add?", "sort?", "[paths]", "tojson", "range(3)", "to_entries?", "unique?",
            "ascii_downcase?", "flatten?", "any?", "min?", "first?", "reverse?", "@json", "@base64", "[.[]?]",
            "infinite", "nan", "tostream", "fromjson?", "implode?", "transpose?", "from_entries?", "with_entries(.)?",
            "todate?", "gmtime?", "mktime?", "@csv?", "@sh?", "@uri", "@base64d?", "@html", "lgamma_r?", "frexp?",
            "splits(\", *\")?", "[match(\"(a)|b?\";\"g\")]?", "capture(\"(?<x>.)\")?", "sub(\"(?<x>a)\";\"\\(.x)z\")?",
            "gsub(\"\";\"-\")?", "del(.[0])?", "del(.a,.b)?", "delpaths([[0],[-1]])?", "getpath([\"a\",0])?",
            "setpath([\"a\"];1)?", "pick(.a)?", "indices(1)?", "index(\"a\")?", "combinations?", "bsearch(1)?",
            "(tojson | fromjson)", "limit(2;.[]?)", "nth(1;.[]?)", "[limit(3;repeat(.))]", "min_by(.a?)?", "IN(1,2)",
            "INDEX(.a?)?", "walk(.)", "abs?", "isempty(empty)", "fromstream(tostream)", "ltrimstr(\"a\")",
            "join(\",\")?",
            "test(\"a\")?", "[scan(\".\")]?", "gsub(\"a\";\"b\")?", "explode?", "isempty(.[]?)", "tonumber?",
        ]
        let text = variables.isEmpty || number(0...2) > 0 ? pick(simple) : "$" + pick(variables)
        return (text, wrapped(text))
    }

    private mutating func expression(_ depth: Int) -> Pair {
        guard depth > 0 else { return leaf() }
        switch number(0...21) {
        case 0, 1: return frame([expression(depth - 1), expression(depth - 1)]) { "(\($0[0]) | \($0[1]))" }
        case 2: return frame([expression(depth - 1), expression(depth - 1)]) { "(\($0[0]), \($0[1]))" }
        case 3: return frame([expression(depth - 1)]) { "[\($0[0])]" }
        case 4: return frame([expression(depth - 1), expression(depth - 1)]) { "{a: \($0[0]), b: \($0[1])}" }
        case 5: return frame([expression(depth - 1), expression(depth - 1)]) { "{(\($0[0]) | tostring): \($0[1])}" }
        case 6, 7:
            let operation = pick(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or"])
            return frame([expression(depth - 1), expression(depth - 1)]) { "(\($0[0]) \(operation) \($0[1]))" }
        case 8: return frame([expression(depth - 1), expression(depth - 1)]) { "(\($0[0]) // \($0[1]))" }
        case 9:
            return frame([expression(depth - 1), expression(depth - 1), expression(depth - 1)]) {
                "if \($0[0]) then \($0[1]) else \($0[2]) end"
            }
        case 10: return frame([expression(depth - 1), expression(depth - 1)]) { "(try \($0[0]) catch \($0[1]))" }
        case 11: return frame([expression(depth - 1)]) { "(\($0[0]))?" }
        case 12, 13: return binding(depth)
        case 14: return loop(depth)
        case 15: return assignment(depth)
        case 16: return frame([expression(depth - 1)]) { "\"<\\(\($0[0]))>\"" }
        case 17:
            let name = pick([
                "map", "select", "map_values", "first", "sort_by", "group_by", "any", "all", "recurse_limited",
            ])
            guard name != "recurse_limited" else {
                return frame([expression(depth - 1)]) { "[limit(5; recurse(\($0[0])))]" }
            }
            return frame([expression(depth - 1)]) { "(\(name)(\($0[0])))?" }
        case 18: return frame([expression(depth - 1)]) { "[path(\($0[0]))?]" }
        case 19:
            return frame([expression(depth - 1), expression(depth - 1)]) { "(def f(g): g | \($0[0]); f(\($0[1])))" }
        case 20: return frame([expression(depth - 1)]) { "(label $l | (\($0[0])), break $l, 1)" }
        default: return frame([expression(depth - 1), expression(depth - 1)]) { "(\($0[0]) | .[\($0[1])]?)" }
        }
    }

    private mutating func binding(_ depth: Int) -> Pair {
        let source = expression(depth - 1)
        let name = pick(["x", "y", "z"])
        variables.append(name)
        defer { variables.removeLast() }
        let pattern = pick(["$\(name)", "[$\(name)]", "{a: $\(name)}", "$\(name) ?// [$\(name)]"])
        let body = expression(depth - 1)
        return frame([source, body]) { "((\($0[0])) as \(pattern) | \($0[1]))" }
    }

    private mutating func loop(_ depth: Int) -> Pair {
        let (source, initial) = (expression(depth - 1), expression(depth - 1))
        variables.append("i")
        defer { variables.removeLast() }
        let update = expression(depth - 1)
        let word = pick(["reduce", "foreach"])
        return frame([source, initial, update]) { "\(word) limit(4; \($0[0])) as $i (\($0[1]); \($0[2]))" }
    }

    private mutating func assignment(_ depth: Int) -> Pair {
        let paths = [
            ".a", ".[0]?", ".[]?", ".a.b", ".. ", "(.a, .b)", "(.[]? | select(. == 1))", ".a[1:]", "first(.[]?)",
        ]
        let path = pick(paths)
        let operation = pick(["=", "|=", "+=", "-=", "*=", "//="])
        return frame([expression(depth - 1)]) { "(\(path) \(operation) (\($0[0])))" }
    }
}

extension String {
    fileprivate var exact: ExactNumber { ExactNumber(text: self) ?? ExactNumber(0) }
}
