import Canonical
package import Contracts
import ExactJSON
import World

/// What is said of API keys before they end. Pure.
enum KeyForecast {
    /// How long before its end a key is worth a word: time enough for somebody who is on leave.
    static let warning = Duration.seconds(30 * 86_400)
    /// Keys that are spoken of at most, the soonest first.
    static let shown = 3

    /// The keys that end soon or have ended, with the days that are left.
    static func ending(_ keys: [OdooFacts.Key], now: Instant) -> [(key: OdooFacts.Key, days: Int64)] {
        keys.sorted { $0.end < $1.end }.filter { $0.end.since(now) < warning }.prefix(shown).map { key in
            (key, key.end.since(now).components.seconds / 86_400)
        }
    }

    /// The same as a node says it.
    static func failures(_ keys: [OdooFacts.Key], login: String, now: Instant) -> [Failure] {
        ending(keys, now: now).map { key, days in
            Failure(
                OdooFailures.keyEnds,
                key.end <= now
                    ? "the API key \"\(key.name)\" of \(login) has ended at \(key.end)"
                    : "the API key \"\(key.name)\" of \(login) ends at \(key.end), in \(days) days")
        }
    }
}

extension OdooConnection {
    /// The user's own keys that end; before Odoo 18 none does.
    func endingKeys(of login: String) async throws(OdooError) -> [OdooFacts.Key] {
        guard try await dialect().version >= 18 else { return [] }
        do {
            let found = try await rows(
                .find(
                    "res.users.apikeys", [["user_id.login", "=", .string(login)]], ["name", "expiration_date"],
                    limit: 100))
            return found.compactMap { row in
                row.instant("expiration_date").map { OdooFacts.Key(name: row.text("name") ?? "", end: $0) }
            }
        } catch {
            // Who may not read them is not told of their end; Odoo itself sends a mail.
            guard error.verdict == .rejected else { throw error }
            return []
        }
    }
}

extension OdooTarget: Forewarning {
    /// The user's API keys that end soon.
    package func warnings() async throws(Failure) -> [Failure] {
        try await session.connection.warnings(now: session.clock.now())
    }
}

extension OdooChangesSource: Forewarning {
    /// The user's API keys that end soon.
    package func warnings() async throws(Failure) -> [Failure] { try await connection.warnings(now: world.clock.now()) }
}

extension OdooConnection {
    fileprivate func warnings(now: Instant) async throws(Failure) -> [Failure] {
        do throws(OdooError) {
            return KeyForecast.failures(try await endingKeys(of: user), login: user, now: now)
        } catch {
            throw error.failure
        }
    }
}
