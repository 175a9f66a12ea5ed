package import Contracts

/// What the target's settings say beyond its address.
package struct OdooOptions: Sendable, Hashable {
    /// By which field a command's `order` finds the manufacturing order.
    package enum OrderBy: String, Sendable, CaseIterable { case name, origin }
    /// What follows where somebody changed a quantity by hand.
    package enum Corrections: String, Sendable, CaseIterable { case accept, ask }
    /// What follows where Odoo has too little stock to scrap.
    package enum Shortage: String, Sendable, CaseIterable { case record, reject }

    /// Whether commands go through the companion addon.
    package enum Gateway: String, Sendable, CaseIterable {
        /// Where it is installed.
        case auto
        /// Always; without it deliveries wait.
        case required
        case off
    }

    /// Who writes as the target's user over plain RPC.
    package enum Writers: String, Sendable, CaseIterable {
        /// One node at a time.
        case one
        case several
    }

    package var orderBy: OrderBy
    package var corrections: Corrections
    package var shortage: Shortage
    /// The loss reason of a downtime that names none.
    package var loss: String
    /// How long an open downtime line may wait for its stop, and how old its start may be to be opened at all.
    package var expiry: Duration
    package var settlingTime: Duration
    /// How long looked-up master data is believed.
    package var cacheAge: Duration
    /// The IANA zone of dates without a time.
    package var timeZone = "UTC"
    package var gateway = Gateway.auto
    package var writers = Writers.one
    /// How questions are answered.
    package var answers = AnswerSettings()
    /// Models of which anybody who may ask reads fields.
    package var openModels: [String] = []
    /// Words in the name of a location, and in the type or summary of an activity, that mean a quality hold.
    package var holdWords = ["quality", "quarantine", "hold"]

    package init(
        orderBy: OrderBy = .name, corrections: Corrections = .accept, shortage: Shortage = .record,
        loss: String = "Equipment Failure", expiry: Duration = .seconds(8 * 3_600),
        settlingTime: Duration = .seconds(130), cacheAge: Duration = .seconds(600)
    ) {
        self.orderBy = orderBy
        self.corrections = corrections
        self.shortage = shortage
        self.loss = loss
        self.expiry = expiry
        self.settlingTime = settlingTime
        self.cacheAge = cacheAge
    }
}
