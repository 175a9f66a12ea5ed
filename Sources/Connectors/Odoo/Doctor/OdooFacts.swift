import Canonical
import Contracts

/// What a look at an Odoo found out, before anything is made of it.
struct OdooFacts: Sendable {
    enum Right: Sendable, Hashable {
        case granted
        case refused
        /// The model is not there: its app is not installed.
        case noModel
    }

    enum Addon: Sendable, Hashable {
        case there
        /// Not installed, or the user lacks its group.
        case absent
        case wrong(Failure)
    }

    struct Key: Sendable, Hashable {
        let name: String
        let end: Instant
    }

    /// `19 over JSON-2`.
    var interface = ""
    var version = 0
    /// Times of some small calls.
    var calls: [Duration] = []
    /// How far this node's clock is ahead of the server's; nil where it does not say.
    var ahead: Duration?
    var now = Instant(microseconds: 0)
    /// Whose the secret is; nil where the user may not read itself.
    var user: String?
    /// Whether the user may change the settings of Odoo.
    var isAdministrator = false
    var companies: [String] = []
    /// The company that the settings name.
    var company: String?
    /// Whether the user has an e-mail address; nil where it does not say.
    var hasEmail: Bool?
    /// Whether the user may write each model that operations write.
    var rights: [String: Right] = [:]
    /// Whether it may create records of each model that operations make some of.
    var creates: [String: Right] = [:]
    /// The user's API keys that end.
    var keys: [Key] = []
    var addon = Addon.absent
    /// Which release of the addon is installed, without Odoo's series: `1.0.0`; nil where it does not say.
    var addonRelease: String?
    /// Whether the loss reason of the settings is there; nil where nothing needs one.
    var hasLoss: Bool?
    /// Pieces of equipment that the user sees; nil where nothing needs one.
    var equipment: Int?
    /// Whether the user may read journal entries, without which Odoo 19 splits no order; nil where it does not matter.
    var readsEntries: Bool?
}
