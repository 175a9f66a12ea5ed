import ExactJSON

/// The built-in functions that are written in Swift, by `name/arity`.
enum Builtins {
    static let natives: [String: NativeFunction] = {
        let tables = [
            GeneralFunctions.table, CollectionFunctions.table, SortFunctions.table, StringFunctions.table,
            MathFunctions.table, DateFunctions.table,
        ]
        return tables.reduce(into: [:]) { $0.merge($1) { _, last in last } }
    }()

    /// All built-in functions, however they are made.
    static let signatures: [(name: String, arity: Int)] = {
        let native = natives.keys.compactMap { key -> (name: String, arity: Int)? in
            guard let slash = key.lastIndex(of: "/"), let arity = Int(key[key.index(after: slash)...]) else {
                return nil
            }
            return (String(key[..<slash]), arity)
        }
        return native + Prelude.signatures + Compiler.specialNames.map { (name: $0.0, arity: $0.1) }
    }()

    /// What jq has and programs here cannot have, and why.
    static let refused: [String: String] = {
        let inputs = "a program gets one input, which is \".\""
        let outside = "programs have no way out"
        return [
            "input": inputs, "inputs": inputs, "input_line_number": inputs,
            "env": "programs cannot read the environment", "debug": outside, "stderr": outside,
            "get_search_list": outside, "get_prog_origin": outside, "get_jq_origin": outside,
            "modulemeta": "a program is one text without modules",
        ]
    }()

    /// `-x`
    static let negate: NativeFunction = { (input, _, _) throws(Fault) in
        guard case .number(let number) = input.json else {
            throw .message("\(Shown.typed(input.json)) cannot be negated")
        }
        return Value(scalar: .number(Numbers.negate(number)))
    }
}
