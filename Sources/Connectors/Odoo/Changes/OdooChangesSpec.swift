package import Contracts

extension OdooSpec {
    static let readLogin = Field<String>("login", required: true, example: "mes", "The Odoo user who reads.")
    static let readCompany = Field<String>(
        "company", example: "Acme SAS",
        "The company whose changes are told, and those of shared records, by its name or database id. Without it those "
            + "of all the user's companies. Where it is changed, polling begins anew.")
    static let outbox = Field<String>(
        "gateway",
        .choice([
            .init(
                "auto", "The companion addon's outbox where it is installed and the user has its group, else polling."),
            .init("required", "The outbox; without it the source waits."), .init("off", "Polling."),
        ]), default: "auto", "Where changes come from.")
    static let models = Field<[String]>(
        "models", example: "[mrp.production, sale.order]",
        "The models whose changes are told; without it all that the outbox records, or those that polling knows.")
    static let watch = Field<[String: String]>(
        "watch", example: "{ res.partner: x_route x_gate }",
        "Further fields by model for polling, separated by blanks; a model that is not known otherwise is watched by "
            + "these alone. With the addon, choose them in Odoo.")
    static let every = Field<Duration>(
        "every", in: .seconds(1)...(.seconds(3_600)), default: "10s", "How long it waits when there is no news.")
    package static let hints = Field<SecretReference>(
        "hints", example: "${file:/run/secrets/odoo-hints}",
        "A token of at least 16 characters. With it `POST /v1/hints/<source>?token=…` on the node's listener makes the "
            + "source look at once: for a webhook of an automation rule in Odoo 17 and later.")
    static let overlap = Field<Duration>(
        "overlap", in: .seconds(60)...(.seconds(86_400)), default: "10m",
        "How far back polling looks again and again: at least as long as the longest transaction in Odoo lasts, or "
            + "changes of longer ones are missed.")
    static let sweep = Field<Duration>(
        "sweep", in: .seconds(10)...(.seconds(86_400)), default: "10m",
        "How often polling asks which of the open documents were deleted.")
    static let echo = Field<String>(
        "echo",
        .choice([
            .init("skip", "What any Millwright wrote through the addon does not come back."),
            .init("keep", "Everything is told."),
        ]), default: "skip",
        "What becomes of changes that Millwright made itself. Polling cannot tell them from others and tells all.")
    static let start = Field<String>(
        "start",
        .choice([
            .init("now", "With what changes from now on."),
            .init("beginning", "With all that the outbox holds, or with every record as it stands."),
        ]), default: "now", "Where a source that is new begins.")

    /// The fields of `protocol: odoo` as a source, in the order of the documentation.
    static let changesFields: [FieldSpec] = [
        endpoint.spec, database.spec, readCompany.spec, readLogin.spec, secret.spec, certificates.spec, timeout.spec,
        outbox.spec,
        models.spec, watch.spec, every.spec, hints.spec, overlap.spec, sweep.spec, echo.spec, start.spec, cache.spec,
    ]

    /// The spec of `protocol: odoo` as a source.
    package static let source = ConnectorSpec(
        name: "odoo", role: .source,
        summary: """
            Tells what changes in Odoo 16 to 19 as canonical events: orders, goods, invoices, master data, and any \
            other record. From the companion addon's outbox where it is installed, else by polling.
            """,
        fields: changesFields, example: changesExample,
        promises: [
            "With the companion addon each committed change of a watched model is told exactly once, those of one "
                + "record in order; nothing that was rolled back. It is acknowledged in Odoo after it is stored here.",
            "Where Odoo's database was restored, or rows were dropped before they were read, that is said by "
                + "node.data-missed; it goes on from the oldest row that Odoo has, and what is stored already is not "
                + "stored twice.",
            "Polling misses no record whose transaction was shorter than `overlap`. It tells the latest state alone: "
                + "what came and went between two looks is not seen, deletions are found by `sweep` and "
                + "only of documents "
                + "that were open, and who wrote is only known of the last writer.",
            "Lines of an order and codes behind ids are those that hold when the change is read.",
        ])

    static let changesExample = """
        source: odoo
        protocol: odoo
        plant: lyon
        endpoint: https://odoo.example.com
        database: production
        login: mes
        secret: ${file:/run/secrets/odoo}
        every: 5s
        """
}

/// What the settings of a source say beyond its address.
struct ChangesOptions: Sendable {
    enum Start: String, Sendable { case now, beginning }

    var gateway = OdooOptions.Gateway.auto
    /// The models that the settings name; empty for all.
    var models: [String] = []
    /// Further fields by model, for polling.
    var watch: [String: String] = [:]
    var every = Duration.seconds(10)
    var overlap = Duration.seconds(600)
    var sweep = Duration.seconds(600)
    var skipsEcho = true
    var start = Start.now
    var cacheAge = Duration.seconds(600)

    init() {}

    init(_ settings: Settings) throws(SettingFault) {
        gateway = OdooOptions.Gateway(rawValue: try settings(OdooSpec.outbox)) ?? .auto
        models = try settings.optional(OdooSpec.models) ?? []
        watch = try settings.optional(OdooSpec.watch) ?? [:]
        every = try settings(OdooSpec.every)
        overlap = try settings(OdooSpec.overlap)
        sweep = try settings(OdooSpec.sweep)
        skipsEcho = try settings(OdooSpec.echo) == "skip"
        start = Start(rawValue: try settings(OdooSpec.start)) ?? .now
        cacheAge = try settings(OdooSpec.cache)
    }

    func isNamed(_ model: String) -> Bool { models.contains(model) || watch[model] != nil }
    func tells(_ model: String) -> Bool { models.isEmpty || models.contains(model) }

    /// The models to poll.
    var polled: [WatchedModel] {
        let names = models.isEmpty ? WatchedModel.all.map(\.name) + watch.keys.sorted() : models
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.map { WatchedModel.named($0, further: watch[$0] ?? "") }
    }
}
