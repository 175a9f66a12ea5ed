package import ExactJSON

/// One operation of a target: what it is called, takes, promises, and how several of them may become one.
package struct OperationSpec: Sendable {
    package let name: String
    package let summary: String
    package let arguments: [OperationArgument]
    /// How commands of the same key may be coalesced; nil where each stands alone.
    package let merge: MergeRule?
    /// What is promised of repetition, for the docs: "never silently doubled: …".
    package let promise: String
    /// An example of the arguments.
    package let example: JSON
    /// What the target's user needs there, and what is touched, for the docs.
    package var needs: String?
    /// The object of business that it writes; nil where its arguments say which, or where no system owns it.
    package var writes: BusinessObject?
    /// Where an argument says what is written: its name, and the object that each of its values stands for.
    package var writesByArgument: (name: String, objects: [String: BusinessObject])?

    /// The object of business that a command with these arguments writes; nil where no system owns it.
    package func object(writtenBy arguments: JSON) -> BusinessObject? {
        writes ?? writesByArgument.flatMap { by in arguments[by.name]?.string.flatMap { by.objects[$0] } }
    }

    package init(
        name: String, summary: String, arguments: [OperationArgument], merge: MergeRule? = nil, promise: String,
        example: JSON
    ) {
        self.name = name
        self.summary = summary
        self.arguments = arguments
        self.merge = merge
        self.promise = promise
        self.example = example
    }
}

/// One argument of an operation.
package struct OperationArgument: Sendable {
    package enum Kind: Sendable { case text, quantity, instant, number, boolean, list, any }
    package let name: String
    package let kind: Kind
    package let isRequired: Bool
    package let summary: String

    package init(_ name: String, _ kind: Kind, required: Bool = false, _ summary: String) {
        self.name = name
        self.kind = kind
        self.isRequired = required
        self.summary = summary
    }
}

/// How the arguments of two commands become those of one: quantities add up, times take the later, the rest must be equal.
package struct MergeRule: Sendable {
    /// Members that are `{value, unit}` and are added up; their units must be equal.
    package let sums: [String]
    /// Members that take the later command's value.
    package let takesLatest: [String]

    package init(sums: [String], takesLatest: [String] = []) {
        self.sums = sums
        self.takesLatest = takesLatest
    }

    /// The arguments of one command that does what both do; nil where they differ in anything else.
    package func merging(_ a: JSON, _ b: JSON) -> JSON? {
        guard case .object(var members) = a, case .object(let other) = b, members.count == other.count else {
            return nil
        }
        for (name, value) in other {
            guard let mine = members[name] else { return nil }
            if sums.contains(name) {
                guard let x = mine["value"]?.number, let y = value["value"]?.number, mine["unit"] == value["unit"],
                    let sum = try? ExactNumber.adding(x, y), case .object(var quantity) = mine
                else { return nil }
                quantity["value"] = .number(sum)
                members[name] = .object(quantity)
            } else if takesLatest.contains(name) {
                members[name] = value
            } else if mine != value {
                return nil
            }
        }
        return .object(members)
    }
}
