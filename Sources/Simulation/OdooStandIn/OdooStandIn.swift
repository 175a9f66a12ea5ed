package import Canonical
import ExactJSON
package import World

/// A server that answers as Odoo does over JSON-RPC and (19) JSON-2, for what manufacturing needs: a value without
/// clock, disk or network, so that it runs in the simulation and behind a real HTTP server alike.
///
/// Every request is one transaction: an error undoes all of it.
package struct OdooStandIn: Sendable {
    package let version: OdooStandInVersion
    /// Users and keys are taken from it at the start; the rest holds from when it is set.
    package var settings: OdooStandInSettings
    let registry: OdooRegistry
    var database: OdooDatabase
    /// API keys, with their user and their end.
    var keys: [String: (uid: Int, end: Instant?)] = [:]
    /// Requests handled so far.
    package private(set) var requestCount = 0

    /// A freshly installed server: company, warehouse, units, losses, stages and the users, made at `installed`.
    package init(
        version: OdooStandInVersion, settings: OdooStandInSettings = OdooStandInSettings(),
        installed: Instant = Instant(microseconds: 1_763_683_200_000_000)
    ) {
        self.version = version
        self.settings = settings
        registry = OdooRegistry.of(version)
        database = OdooDatabase(registry: registry)
        for (index, user) in settings.users.enumerated() {
            for key in user.apiKeys { keys[key] = (index + OdooStandInSettings.firstUserID, nil) }
        }
        withEnvironment(uid: 1, now: installed) { environment in
            environment.isSuperuser = true
            environment.install()
        }
        database.commit()
    }

    /// Answers one request; `now` is when its transaction begins.
    package mutating func handle(_ request: HTTPRequest, now: Instant) -> HTTPResponse {
        requestCount += 1
        guard request.body.count <= settings.maximumBodyBytes else {
            return OdooPages.html(
                status: 413, title: "Request Entity Too Large",
                text: "The data value transmitted exceeds the capacity limit.")
        }
        let response = route(request, now: now)
        if settings.hasGateway { withEnvironment(uid: 1, now: now) { $0.harvest(at: now.description) } }
        database.outbox.origin = nil
        database.commit()
        return response
    }

    /// Lets an API key end at `end`: from then on it opens nothing.
    package mutating func expireKey(_ key: String, at end: Instant) {
        if let known = keys[key] { keys[key] = (known.uid, end) }
    }

    /// Begins a new life of the database, as a restore or a copy does: cursors of the old one no longer hold.
    package mutating func beginEpoch(_ epoch: String) { database.outbox.epoch = epoch }

    /// Drops all recorded changes but the last `count`.
    package mutating func trimChanges(keeping count: Int) {
        database.outbox.trimmed = max(database.outbox.trimmed, database.outbox.rows.count - count)
    }

    /// How many records each model holds, for tests; models without any are left out.
    package var rowCounts: [String: Int] {
        var counts: [String: Int] = [:]
        for model in registry.models {
            let count = database.tables[model.index].rows.count
            if count > 0 { counts[model.name] = count }
        }
        return counts
    }

    /// The user whom the password or API key opens.
    func uid(password: String, for uid: Int, now: Instant) -> Bool {
        if let user = settings.user(uid), user.password == password, !password.isEmpty { return true }
        guard let key = keys[password], key.uid == uid else { return false }
        return key.end.map { now < $0 } ?? true
    }

    /// Runs `body` on the database as one transaction of that user; what it throws undoes it.
    mutating func withEnvironment<Result>(
        uid: Int, now: Instant, _ body: (inout OdooEnvironment) throws(OdooFault) -> Result
    ) throws(OdooFault) -> Result {
        var environment = OdooEnvironment(
            database: .none, registry: registry, now: now.microseconds, uid: uid, context: [:], settings: settings)
        database.outbox.author = uid
        // The database moves into the transaction and back, so that it is changed in place and never copied.
        swap(&environment.database, &database)
        defer { swap(&environment.database, &database) }
        do throws(OdooFault) {
            return try body(&environment)
        } catch {
            environment.database.rollback()
            throw error
        }
    }

    /// The same for what cannot fail.
    mutating func withEnvironment(uid: Int, now: Instant, _ body: (inout OdooEnvironment) -> Void) {
        var environment = OdooEnvironment(
            database: .none, registry: registry, now: now.microseconds, uid: uid, context: [:], settings: settings)
        swap(&environment.database, &database)
        body(&environment)
        swap(&environment.database, &database)
    }
}
