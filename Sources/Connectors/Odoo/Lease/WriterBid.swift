import Canonical
import ExactJSON

/// What a node leaves in Odoo to say that it writes there as this user: an attachment of the user's own, on no record.
///
/// Any internal user of Odoo 16 to 19 may make such an attachment, nobody but that user and administrators see it, and
/// its `write_date` is Odoo's own clock.
struct WriterBid: Sendable, Hashable {
    static let model = "ir.attachment"
    static let fields = ["description", "write_date"]

    let id: Int
    /// The epoch of the store that the node posts from: no two nodes have the same.
    let writer: String
    /// When it was last renewed, by Odoo's clock.
    let renewed: Instant

    init(id: Int, writer: String, renewed: Instant) {
        self.id = id
        self.writer = writer
        self.renewed = renewed
    }

    /// Nil for a row without a time.
    init?(_ row: OdooRow) {
        guard let renewed = row.instant("write_date") else { return nil }
        let words = (row.text("description") ?? "").split(separator: " ")
        self.init(id: row.id, writer: words.first.map(String.init) ?? "", renewed: renewed)
    }

    /// The name that all bids of one user have: an administrator sees those of others too.
    static func name(login: String) -> String { "Millwright writes as \(login)" }

    static func values(login: String, writer: String) -> JSON {
        ["name": .string(name(login: login)), "type": "binary", "description": text(writer, beat: 0)]
    }

    /// What a bid says: another text with each renewal, as Odoo does not write what is the same.
    static func text(_ writer: String, beat: Int) -> JSON { .string("\(writer) \(beat)") }
}

/// Whether a node that has made its bid may write. Pure.
///
/// Whoever asks makes a bid first and looks at the others' afterwards, so of two that ask at once at least one sees the
/// other; and whoever sees another one gives way, so two never write. That both give way is possible, and costs a wait.
struct WriterBids: Sendable, Hashable {
    /// The bid of another node that is alive; nil where there is none.
    let holder: WriterBid?
    /// Bids of nodes that have been silent for too long.
    let dead: [WriterBid]
    /// Those of our own store, the new one among them.
    let own: [Int]
    /// Whether the new one is there: only then Odoo's time is known.
    let hasOwn: Bool

    /// Odoo's times come in whole seconds.
    static let grain = Duration.seconds(2)

    /// `all`: what Odoo shows after `own` was made. `term`: how long a silent node is waited for.
    init(_ all: [WriterBid], own: Int, writer: String, term: Duration) {
        let mine = all.first { $0.id == own }
        hasOwn = mine != nil
        self.own = all.filter { $0.id == own || $0.writer == writer }.map(\.id)
        let now = mine?.renewed ?? .init(microseconds: 0)
        let others = all.filter { $0.id != own }
        // Those of the same store are of a process of before: a store has one process at a time.
        let alive = others.filter { $0.writer != writer && now.since($0.renewed) < term + Self.grain }
        holder = alive.max { $0.renewed < $1.renewed }
        dead = others.filter { other in !alive.contains { $0.id == other.id } }
    }
}
