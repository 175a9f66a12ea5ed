package import ExactJSON

/// One kind of question that a target answers while somebody waits: what it is called, takes and answers.
package struct QuerySpec: Sendable {
    package let name: String
    package let summary: String
    package let arguments: [OperationArgument]
    /// What the answer holds, for the docs.
    package let answer: String
    /// An example of the arguments, as text.
    package let example: [String: String]
    /// What the target's user needs there, and what is read, for the docs.
    package let needs: String

    package init(
        name: String, summary: String, arguments: [OperationArgument], answer: String, example: [String: String],
        needs: String
    ) {
        self.name = name
        self.summary = summary
        self.arguments = arguments
        self.answer = answer
        self.example = example
        self.needs = needs
    }

    /// Bytes of one argument; a longer one is refused.
    package static let maximumArgument = 256

    /// The question with these arguments. Throws ``QueryFailures/arguments`` where one is missing, empty, too long, not
    /// known or no number where it must be one.
    package func query(_ arguments: [String: String]) throws(Failure) -> Query {
        for (name, value) in arguments.sorted(by: { $0.key < $1.key }) {
            guard let argument = self.arguments.first(where: { $0.name == name }) else {
                let known = self.arguments.map(\.name).joined(separator: ", ")
                throw fault("has no argument \"\(name.prefix(64))\"; it has: \(known)")
            }
            guard !value.isEmpty else { throw fault("got an empty \(name)") }
            guard value.utf8.count <= Self.maximumArgument else {
                throw fault("got a \(name) of \(value.utf8.count) bytes; \(Self.maximumArgument) are taken")
            }
            if argument.kind == .number, ExactNumber(text: value) == nil {
                throw fault("needs a number as \(name), not \"\(value)\"")
            }
        }
        for argument in self.arguments where argument.isRequired && arguments[argument.name] == nil {
            throw fault("needs the argument \(argument.name): \(argument.summary)")
        }
        return Query(name, arguments)
    }

    private func fault(_ what: String) -> Failure { Failure(QueryFailures.arguments, "the question \(name) \(what)") }

    /// What is known of the question, for whoever asks what can be asked.
    package var json: JSON {
        [
            "query": .string(name), "summary": .string(summary),
            "arguments": .array(
                arguments.map {
                    [
                        "name": .string($0.name), "required": .bool($0.isRequired), "summary": .string($0.summary),
                    ]
                }),
            "answer": .string(answer),
        ]
    }
}
