import ExactJSON

/// What leaves an evaluation other than by a value.
final class Fault: Error, Sendable {
    enum Kind: Sendable {
        /// An error that `try` catches, with the value that `catch` sees.
        case raised(JSON)
        /// `break`: go on with what was waiting when there were so many choices.
        case breaking(height: Int)
        /// Nothing catches these. ``halted``: the program asked for its end, with a value where that is an error.
        case halted(JSON?, code: Int)
        case fatal(String)
        case limit(JQLimits.Name)
    }

    let kind: Kind
    /// Where the construct stands in the program; nil until the construct that evaluates says so.
    let offset: Int?
    /// What it was applied to.
    let input: JSON?

    init(_ kind: Kind, at offset: Int? = nil, input: JSON? = nil) {
        self.kind = kind
        self.offset = offset
        self.input = input
    }

    /// An error with a text, as jq words it.
    static func message(_ text: String) -> Fault { Fault(.raised(.string(text))) }
    static func limit(_ name: JQLimits.Name) -> Fault { Fault(.limit(name)) }

    /// The same fault, with its place where it has none yet.
    func located(at place: Int, input value: JSON) -> Fault {
        offset == nil ? Fault(kind, at: place, input: value) : self
    }

    /// The value for `catch`, or nil where nothing may catch it.
    var caught: JSON? {
        if case .raised(let value) = kind { value } else { nil }
    }
}
