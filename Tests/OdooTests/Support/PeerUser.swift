import ExactJSON

@testable import OdooConnector

extension Peer {
    /// A user with the groups and the company of the peer's, and these values; made where it is missing, and left
    /// there. Its password is its login.
    func user(_ login: String, _ values: JSONObject) async throws -> OdooAddress {
        let dialect = try await OdooConnection(admin, network: network).dialect()
        let groups = dialect.version >= 19 ? "group_ids" : "groups_id"
        let model = try await find("res.users", [["login", "=", .string(user.login)]], [groups, "company_id"])[0]
        let home = model["company_id"]?[0]?.int ?? 0
        var id = try await find("res.users", [["login", "=", .string(login)]], ["login"]).first?["id"]?.int
        if id == nil {
            let mail = login + "@example.com"
            let made = try await asAdmin(
                .create(
                    "res.users", [["name": .string(login), "login": .string(login), "email": .string(mail)]]))
            id = made[0]?.int ?? made.int
        }
        var whole: JSONObject = [
            "company_ids": [[6, 0, [.int(home)]]], "company_id": .int(home), "password": .string(login),
            groups: [[6, 0, model[groups] ?? []]],
        ]
        for (field, value) in values { whole[field] = value }
        _ = try await asAdmin(.write("res.users", [id ?? 0], .object(whole)))
        return OdooAddress(endpoint: user.endpoint, database: user.database, login: login, secret: login)
    }
}
