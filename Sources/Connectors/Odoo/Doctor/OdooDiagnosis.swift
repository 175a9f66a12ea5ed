import Canonical
import Contracts

/// What follows from what a look at an Odoo found out. Pure.
struct OdooDiagnosis: Sendable {
    /// Who the settings say works there.
    let login: String
    let options: OdooOptions
    let timeout: Duration
    /// Whether the connection goes over TLS, and whether it stays on this machine.
    let isPlainOverNetwork: Bool
    /// The operations that flows use.
    let operations: [String]

    /// Below this, Odoo may still be working on a call that was given up.
    static let patience = Duration.seconds(120)
    static let slow = Duration.milliseconds(500)
    static let clockWarning = Duration.seconds(5)
    static let clockFault = Duration.seconds(120)
    /// The release of the companion addon that belongs to this connector: the `version` of its manifest.
    static let addonRelease = "1.0.0"

    /// The operations at whose end Odoo 16 writes a message in the user's name.
    static let mailing: Set = ["transfer.complete", "purchase.receive", "sale.deliver", "production.unbuild"]

    func findings(_ facts: OdooFacts) -> [OdooFinding] {
        connection(facts) + clock(facts) + user(facts) + keys(facts) + addon(facts) + operations(facts)
            + details(facts)
    }

    private func connection(_ facts: OdooFacts) -> [OdooFinding] {
        let sorted = facts.calls.sorted()
        let median = sorted.isEmpty ? Duration.zero : sorted[sorted.count / 2]
        let words = "Odoo \(facts.interface), \(Self.milliseconds(median)) ms for a small call"
        var found: [OdooFinding] = []
        if median > Self.slow {
            found.append(
                OdooFinding(
                    .warning, "connection", words,
                    mend: "Look at the load of the server and at the way there; some hundred commands a minute is then "
                        + "the most that goes through."))
        } else {
            found.append(OdooFinding(.fine, "connection", words))
        }
        if timeout < Self.patience {
            found.append(
                OdooFinding(
                    .warning, "timeout",
                    "a call is given up after \(timeout.components.seconds) s, and Odoo works on conflicts for up to "
                        + "\(Self.patience.components.seconds)",
                    mend:
                        "Set the target's `timeout` to 120s or more."
                ))
        }
        if isPlainOverNetwork {
            found.append(
                OdooFinding(
                    .warning, "transport",
                    "the endpoint is http: the secret and all data go in the clear",
                    mend: "Put a proxy with TLS before Odoo and use its https address."))
        }
        return found
    }

    private func clock(_ facts: OdooFacts) -> [OdooFinding] {
        guard let ahead = facts.ahead else { return [] }
        let size = max(ahead, .zero - ahead)
        let words = "this node's clock is \(size.components.seconds) s \(ahead < .zero ? "behind" : "ahead of") Odoo's"
        guard size >= Self.clockWarning else { return [OdooFinding(.fine, "clock", words)] }
        return [
            OdooFinding(
                size >= Self.clockFault ? .fault : .warning, "clock", words,
                mend: "Let both machines take their time from the same NTP servers.")
        ]
    }

    private func user(_ facts: OdooFacts) -> [OdooFinding] {
        var found: [OdooFinding] = []
        if let user = facts.user {
            found.append(
                user == login
                    ? OdooFinding(.fine, "user", "it works as \(user)")
                    : OdooFinding(
                        .fault, "user", "the secret is of the user \(user), and `login` says \(login)",
                        mend: "Set `login: \(user)`, or make an API key as \(login) and put it into the secret."))
        }
        if facts.isAdministrator {
            found.append(
                OdooFinding(
                    .warning, "user", "the user may change Odoo's settings: whoever has the secret can do everything",
                    mend: "Use a plain user with the groups that the operations need."))
        }
        if let company = facts.company {
            found.append(OdooFinding(.fine, "company", "it works in \(company) alone"))
        } else if facts.companies.count > 1 {
            found.append(
                OdooFinding(
                    .warning, "company",
                    "the user belongs to several companies: \(facts.companies.joined(separator: ", "))",
                    mend: "Name the target's `company`, and give each company a target of its own. Without it records "
                        + "are made in the user's own company, and names that two companies have are refused."))
        }
        if facts.hasEmail == false { found.append(noEmail(facts)) }
        return found
    }

    /// Odoo writes messages at some documents in the user's name, and needs an address for that.
    private func noEmail(_ facts: OdooFacts) -> OdooFinding {
        let stopped = Self.mailing.intersection(operations).sorted()
        guard facts.version < 17, !stopped.isEmpty else {
            return OdooFinding(
                .warning, "e-mail", "the user has no e-mail address: Odoo refuses to write messages in its name",
                mend: "Give the user an address in Odoo; no mail has to reach it.")
        }
        return OdooFinding(
            .fault, "e-mail",
            "the user has no e-mail address, without which Odoo \(facts.version) refuses "
                + stopped.joined(separator: ", "),
            mend: "Give the user an address in Odoo; no mail has to reach it.")
    }

    private func keys(_ facts: OdooFacts) -> [OdooFinding] {
        KeyForecast.ending(facts.keys, now: facts.now).map { key, days in
            let hasEnded = key.end <= facts.now
            return OdooFinding(
                hasEnded ? .fault : .warning, "key",
                hasEnded
                    ? "the API key \"\(key.name)\" has ended at \(key.end)"
                    : "the API key \"\(key.name)\" ends at \(key.end), in \(days) days",
                mend:
                    "Run `millwright odoo rotate-key`, or make a new one in Odoo under Preferences, Account Security, "
                    + "and put it into the secret's file; no restart is needed.")
        }
    }

    private func addon(_ facts: OdooFacts) -> [OdooFinding] {
        guard options.gateway != .off else { return [] }
        switch facts.addon {
        case .there: return [release(facts.addonRelease)]
        case .wrong(let failure):
            return [OdooFinding(.fault, "addon", failure.message, mend: failure.suggestion)]
        case .absent:
            let isRequired = options.gateway == .required
            return [
                OdooFinding(
                    isRequired ? .fault : .warning, "addon",
                    "the companion addon is not installed, or this user does not have its group"
                        + (isRequired ? ", and `gateway` is `required`: deliveries wait" : ""),
                    mend: "Install `millwright_gateway` and give the user the group \"Millwright: service\""
                        + (isRequired ? ", or set `gateway: auto`." : "; without it a lost answer may need a person."))
            ]
        }
    }

    /// An addon of before works as long as it speaks the same interface, without what was mended since.
    private func release(_ installed: String?) -> OdooFinding {
        let name = installed.map { "the companion addon \($0)" } ?? "the companion addon"
        guard let installed, Self.isOlder(installed, than: Self.addonRelease) else {
            return OdooFinding(.fine, "addon", "\(name) is there: commands are exact")
        }
        return OdooFinding(
            .warning, "addon", "\(name) is there, and this connector was built with \(Self.addonRelease)",
            mend: "Put the `millwright_gateway` of this release into Odoo's addons path, restart Odoo and upgrade the "
                + "addon: `odoo-bin -d DATABASE -u millwright_gateway --stop-after-init`.")
    }

    private static func isOlder(_ one: String, than other: String) -> Bool {
        let parts = [one, other].map { $0.split(separator: ".").map { Int($0) ?? 0 } }
        return parts[0].lexicographicallyPrecedes(parts[1])
    }

    private func operations(_ facts: OdooFacts) -> [OdooFinding] {
        operations.flatMap { name -> [OdooFinding] in
            guard let needs = OperationNeeds.of[name] else {
                return [
                    OdooFinding(
                        .fault, name, "an Odoo target has no such operation",
                        mend: "Correct the flow's `operation`; `millwright odoo operations` lists them.")
                ]
            }
            let models = needs.models(facts.version)
            let made = MadeRecords.models(of: name, facts.version)
            let missing = models.filter { facts.rights[$0] == .noModel }
            let refused: [(right: String, models: [String])] = [
                ("write", models.filter { facts.rights[$0] == .refused }),
                ("create", made.filter { facts.creates[$0] == .refused }),
            ]
            let refusals = refused.filter { !$0.models.isEmpty }
            if !missing.isEmpty {
                return [
                    OdooFinding(
                        .fault, name, "Odoo has no \(missing.joined(separator: ", ")): its app is not installed",
                        mend: "Install the app in Odoo, or take the flow away.")
                ]
            }
            guard refusals.isEmpty else {
                let words = refusals.map { "may not \($0.right) \($0.models.joined(separator: ", "))" }
                return [
                    OdooFinding(
                        .fault, name, "the user " + words.joined(separator: " and "),
                        mend: "Give the user the groups \(needs.groupNames).")
                ]
            }
            return [OdooFinding(.fine, name, "its apps are installed, and the user may")]
        }
    }

    private func details(_ facts: OdooFacts) -> [OdooFinding] {
        var found: [OdooFinding] = []
        if facts.hasLoss == false {
            found.append(
                OdooFinding(
                    .fault, "loss", "Odoo has no loss reason \"\(options.loss)\"",
                    mend:
                        "Set the target's `loss` to one of Manufacturing, OEE losses, by its English name."
                ))
        }
        if facts.equipment == 0 {
            found.append(
                OdooFinding(
                    .warning, "equipment", "the user sees no equipment: requests are made without it",
                    mend: "Make the user the owner of the equipment, or give it *Equipment Manager*."))
        }
        if facts.readsEntries == false {
            found.append(
                OdooFinding(
                    .fault, "backorders", "the user may not read journal entries: Odoo 19 splits no order for it",
                    mend: "Give it the group *Show Accounting Features - Readonly*."))
        }
        return found
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
