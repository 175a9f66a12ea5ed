/// How a stand-in is set up: its database, its users, and what it may grow to.
package struct OdooStandInSettings: Sendable {
    /// Who logs in, and what they may do.
    package struct User: Sendable {
        /// What a user may do.
        package enum Role: Sendable {
            /// Everything.
            case administrator
            /// Manufacturing user and stock user, as an integration should have.
            case operations
            /// Purchase user, sales user and stock user.
            case trade
            /// Invoicing user, project user and sales user.
            case office
            /// Internal user without any further group.
            case internalOnly
        }

        package var login: String
        package var password: String
        package var name: String
        package var role: Role
        /// The IANA name of the user's zone, which `load` reads dates with times in.
        package var timeZone: String
        /// The API keys of the user, without an end.
        package var apiKeys: [String]

        package init(
            login: String, password: String, name: String, role: Role, timeZone: String = "Europe/Brussels",
            apiKeys: [String] = []
        ) {
            self.login = login
            self.password = password
            self.name = name
            self.role = role
            self.timeZone = timeZone
            self.apiKeys = apiKeys
        }
    }

    /// The name of the one database.
    package var database: String
    /// Users in the order of their ids, from 2 on (1 is the system's own).
    package var users: [User]
    /// The most records that one model may hold; a create beyond it is refused.
    package var maximumRows = 1_000_000
    /// The largest request body in bytes (Odoo's own default); a larger one is answered with 413.
    package var maximumBodyBytes = 128 * 1_024 * 1_024
    /// Whether `stock.lot.create` fails as in the 18.0 of early 2025, whose `stock_account` lost a decorator.
    package var hasEarlyLotCreate = false
    /// Whether the companion addon is installed.
    package var hasGateway = false
    /// Models that callers find missing, as where an app is not installed.
    package var missingModels: Set<String> = []

    package init(database: String = "demo", users: [User] = Self.demoUsers) {
        self.database = database
        self.users = users
    }

    /// `admin`, `mes` and `low`, each with the login as the password and `key-<login>` as the API key.
    package static let demoUsers: [User] = [
        User(login: "admin", password: "admin", name: "Mitchell Admin", role: .administrator, apiKeys: ["key-admin"]),
        User(login: "mes", password: "mes", name: "MES Operator", role: .operations, apiKeys: ["key-mes"]),
        User(login: "low", password: "low", name: "Low Rights", role: .internalOnly, apiKeys: ["key-low"]),
    ]

    /// The id of the first of ``users``.
    static let firstUserID = 2

    func user(_ id: Int) -> User? {
        let index = id - Self.firstUserID
        return users.indices.contains(index) ? users[index] : nil
    }

    private static let allGroups = Set(OdooGroup.allCases)

    func groups(of id: Int) -> Set<OdooGroup> {
        switch user(id)?.role {
        case .administrator: Self.allGroups
        case .operations: [.internalUser, .manufacturingUser, .stockUser]
        case .trade: [.internalUser, .stockUser, .purchaseUser, .salesUser]
        case .office: [.internalUser, .billing, .salesUser, .projectUser]
        case .internalOnly: [.internalUser]
        case nil: [.internalUser]
        }
    }

    func timeZone(of id: Int) -> String { user(id)?.timeZone ?? "UTC" }
}
