import Canonical
import Contracts
import ExactJSON
import World

/// Keeps a second node from writing to the same Odoo as the same user over plain RPC, where nothing else would.
///
/// A node that writes renews its bid every ``longestRenewal`` at least; what it sends it sends within
/// ``OdooOptions/settlingTime`` of a renewal, so that Odoo is done with it when another node may begin, which is when
/// the bid is twice that old.
actor WriterLease {
    /// How old a renewal may be at most before the next write renews it.
    static let longestRenewal = Duration.seconds(30)
    /// How long a refused node believes it at least, before it asks again.
    static let patience = Duration.seconds(10)
    /// Bids of one user that are looked at; more than two are the litter of nodes that were killed.
    static let maximumBids = 100

    private let connection: OdooConnection
    private let clock: any WorldClock
    private let entropy: any Entropy
    private let login: String
    /// How long after a renewal something may still be sent.
    private let reach: Duration

    private var held: Held?
    /// The first bid of this process, and the last one that it wrote under: until that dies, Odoo may still be working.
    private var first: Int?
    private var lastHeld: Int?
    /// Writes that are under way, and when the last one ended of which nobody knows whether Odoo still works on it: at
    /// first those of a process of before.
    private var underWay = 0
    private var doubt: Moment
    private var refusal: (error: OdooError, until: Duration)?
    private var isAsking = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private struct Held {
        let bid: Int
        let writer: String
        var beat: Int
        var renewed: Moment
    }

    /// A clock that is set, and one that a sleeping machine stops: the longer way between two moments counts.
    private struct Moment {
        let wall: Instant
        let uptime: Duration

        /// How long ago it was at most.
        func age(at now: Moment) -> Duration { max(now.wall.since(wall), now.uptime - uptime) }
        /// How long ago it was at least.
        func quiet(at now: Moment) -> Duration { now.uptime - uptime }
    }

    init(
        connection: OdooConnection, clock: any WorldClock, entropy: any Entropy, login: String, settlingTime: Duration
    ) {
        self.connection = connection
        self.clock = clock
        self.entropy = entropy
        self.login = login
        reach = settlingTime
        doubt = Moment(wall: clock.now(), uptime: clock.uptime())
    }

    private var term: Duration { reach * 2 }
    /// How old a renewal may be before the next write renews it. Half of what something may be sent within: the rest is
    /// for renewing, which costs less than asking anew.
    private var renewal: Duration { min(Self.longestRenewal, reach / 2) }
    private var now: Moment { Moment(wall: clock.now(), uptime: clock.uptime()) }

    /// Returns where `writer` may write now, which it says the end of with ``ended(isKnown:)``. Throws a deferral that
    /// says which node writes, or why that cannot be told.
    func hold(as writer: String) async throws(OdooError) {
        try await obtain(as: writer)
        underWay += 1
    }

    /// A write is over. `isKnown`: whether its fate is, so that Odoo does not work on it any more.
    func ended(isKnown: Bool) {
        underWay -= 1
        if !isKnown { doubt = now }
    }

    private func obtain(as writer: String) async throws(OdooError) {
        while isAsking { await withCheckedContinuation { waiting.append($0) } }
        if let held, held.writer == writer, held.renewed.age(at: now) < renewal { return }
        if let refusal, clock.uptime() < refusal.until { throw refusal.error }
        isAsking = true
        defer {
            isAsking = false
            let others = waiting
            waiting = []
            for other in others { other.resume() }
        }
        do throws(OdooError) {
            guard try await !renews(as: writer) else { return }
            try await ask(as: writer)
            refusal = nil
        } catch {
            let trouble = error.asWait
            // Two that gave way to each other must not meet again and again.
            let wait = Self.patience + .milliseconds(Int64(entropy.next() % 10_000))
            refusal = (trouble, clock.uptime() + wait)
            throw trouble
        }
    }

    /// Takes the bid back, so that another node need not wait; but not while Odoo may still work on what was sent.
    func release() async {
        guard let bid = held?.bid, underWay == 0, doubt.quiet(at: now) >= reach else { return }
        held = nil
        // The node is stopping and nobody listens any more: a bid that stays is waited for and dies by itself.
        _ = try? await remove([bid])
    }

    // MARK: - Asking

    /// Renews the bid that is held. False where there is none, or it is so old that another node may have begun.
    private func renews(as writer: String) async throws(OdooError) -> Bool {
        guard var mine = held, mine.writer == writer else { return false }
        let asked = now
        guard mine.renewed.age(at: asked) < reach else { return false }
        mine.beat += 1
        do throws(OdooError) {
            _ = try await connection.call(
                .write(WriterBid.model, [mine.bid], ["description": WriterBid.text(writer, beat: mine.beat)]))
        } catch {
            // Somebody deleted it: another node that took us for dead, or a person.
            guard error.failure.kind == OdooFailures.gone else { throw error }
            held = nil
            return false
        }
        mine.renewed = asked
        held = mine
        return asked.age(at: now) < reach
    }

    private func ask(as writer: String) async throws(OdooError) {
        // The bid of before stays until the new one is there: Odoo may still work on what was sent under it.
        held = nil
        let asked = now
        let made = try await connection.call(
            .create(WriterBid.model, [WriterBid.values(login: login, writer: writer)]))
        guard let bid = made[0]?.int ?? made.int else {
            throw .reject(OdooFailures.badRequest, "Odoo answers \(made.description.prefix(80)) to a new attachment")
        }
        let rows = try await connection.rows(
            .find(
                WriterBid.model, [["name", "=", .string(WriterBid.name(login: login))]], WriterBid.fields,
                order: "id desc", limit: Self.maximumBids))
        let bids = WriterBids(rows.compactMap(WriterBid.init), own: bid, writer: writer, term: term)
        first = first ?? bid
        if let holder = bids.holder {
            // With those of questions of before whose end was lost: two that ask would keep each other out with them.
            try await remove(bids.own.filter { $0 >= first ?? bid && $0 != lastHeld })
            throw OdooError(
                .deferred(after: nil, isTargetDown: true),
                Failure(
                    OdooFailures.otherWriter,
                    "the node with the store \(holder.writer) writes as \(login), last heard at \(holder.renewed)"
                ))
        }
        try await remove(bids.dead.map(\.id))
        guard bids.hasOwn, asked.age(at: now) < reach else {
            throw OdooError(
                .deferred(after: nil, isTargetDown: false),
                Failure(OdooFailures.otherWriter, "Odoo took too long over the question whether another node writes"))
        }
        held = Held(bid: bid, writer: writer, beat: 0, renewed: asked)
        lastHeld = bid
    }

    private func remove(_ bids: [Int]) async throws(OdooError) {
        guard !bids.isEmpty else { return }
        do throws(OdooError) {
            _ = try await connection.call(OdooCall(WriterBid.model, "unlink", ids: bids))
        } catch {
            // Gone is what they were to be.
            guard error.failure.kind == OdooFailures.gone else { throw error }
        }
    }
}

extension OdooError {
    /// The same trouble, met before anything of the command was sent: it waits.
    fileprivate var asWait: OdooError {
        guard case .deferred = verdict else {
            return OdooError(.deferred(after: nil, isTargetDown: true), failure, exception: exception)
        }
        return self
    }
}
