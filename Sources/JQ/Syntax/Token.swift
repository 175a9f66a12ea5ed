import ExactJSON

/// One word of a program, as the lexer cuts it.
enum Token: Equatable {
    /// A name, keyword or not, with the `::` of modules kept inside.
    case name(String)
    /// `.name`, without the dot.
    case field(String)
    /// `$name`, without the dollar sign.
    case variable(String)
    case number(ExactNumber)
    /// `@name`, with the at sign.
    case format(String)
    /// An operator or a bracket.
    case symbol(String)
    /// A string comes as its opening quote, pieces of text and of code, and its closing quote.
    case stringStart
    case text(String)
    case codeStart
    case codeEnd
    case stringEnd
    case end

    /// The token as a reader of an error knows it.
    var shown: String {
        switch self {
        case .name(let name): "\"\(name)\""
        case .field(let name): "\".\(name)\""
        case .variable(let name): "\"$\(name)\""
        case .number(let number): "\"\(number)\""
        case .format(let name): "\"\(name)\""
        case .symbol(let symbol): "\"\(symbol)\""
        case .stringStart, .text, .stringEnd: "a string"
        case .codeStart: "\"\\(\""
        case .codeEnd: "\")\""
        case .end: "the end of the program"
        }
    }
}

/// A token and where it begins, in UTF-8 bytes from the program's start.
struct PlacedToken {
    let token: Token
    let offset: Int
}

/// A fault of the program's text, before it is turned into line and column.
struct SyntaxFault: Error {
    let offset: Int
    let reason: String
    var suggestion: String?
}
