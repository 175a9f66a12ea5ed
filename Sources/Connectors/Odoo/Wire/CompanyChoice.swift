import Contracts

/// Which of the companies that Odoo shows to a user is the one that the settings name. Pure.
struct CompanyChoice: Sendable {
    /// A name, or a database id.
    let name: String
    let login: String
    let companies: [OdooRow]
    /// The company that the name meant before; nil at first.
    let before: Int?

    /// Names that a message lists at most.
    private static let listed = 10

    func id() throws(OdooError) -> Int {
        let byName = companies.filter { $0.text("name") == name }
        let found = byName.isEmpty ? companies.filter { String($0.id) == name } : byName
        guard let id = found.first?.id, found.count == 1 else {
            let names = companies.prefix(Self.listed).map { "\"\($0.text("name") ?? "")\" (\($0.id))" }
            throw refusal(
                "the user \(login) sees no company \"\(name)\": there is none, or it is not among the user's, which are "
                    + (names.isEmpty ? "none" : names.joined(separator: ", ")))
        }
        if let before, before != id {
            throw refusal(
                "the company \"\(name)\" was #\(before) when this node connected first, and is #\(id) now",
                suggestion: "Companies were renamed: name the right one by its id, and restart the node.")
        }
        return id
    }

    func refusal(_ message: String, suggestion: String? = nil) -> OdooError {
        OdooError(
            .deferred(after: nil, isTargetDown: true),
            Failure(OdooFailures.company, message, suggestion: suggestion))
    }
}
