package import Contracts

/// The settings of an Odoo target, typed, and all that the documentation says of it.
package enum OdooSpec {
    static let endpoint = Field<String>(
        "endpoint", .url(schemes: ["https", "http"]), required: true, example: "https://odoo.example.com",
        "Odoo's base address, without a path.")
    static let database = Field<String>("database", required: true, example: "production", "The database's name.")
    static let login = Field<String>(
        "login", required: true, example: "mes", "The Odoo user that everything is posted as.")
    /// Where the key or password is; read by whoever puts the node together.
    package static let secret = Field<SecretReference>(
        "secret", required: true, example: "${file:/run/secrets/odoo}",
        "The user's API key, or its password (over JSON-RPC alone).")
    static let certificates = Field<String>(
        "certificates", .path, example: "/etc/millwright/odoo-ca.pem",
        "A PEM file of the certificate authorities to trust instead of the system's.")
    static let timeout = Field<Duration>(
        "timeout", in: .seconds(1)...(.seconds(900)), default: "120s",
        "How long a call may take. Odoo retries conflicts by itself for up to two minutes: below that, calls that "
            + "succeed are given up."
    )
    static let settle = Field<Duration>(
        "settle", in: .seconds(1)...(.seconds(3_600)), default: "130s",
        "How long after a lost answer \"it did not happen\" is not believed yet, because Odoo may still be working on "
            + "it."
    )
    static let orderBy = Field<String>(
        "orderBy",
        .choice([
            .init("name", "The order's own reference: WH/MO/00042. Its backorders are found with it."),
            .init(
                "origin",
                "The source document, where it is unique for an order: the number of the system before "
                    + "Odoo."),
        ]), default: "name", "Which field of the manufacturing order a command's `order` names.")
    static let corrections = Field<String>(
        "corrections",
        .choice([
            .init("accept", "The correction stays and counting goes on from it."),
            .init("ask", "The command waits for a person."),
        ]), default: "accept", "What follows where somebody changed a quantity in Odoo by hand.")
    static let late = Field<String>(
        "late", .choice([.init("review", "It waits for a person, with the order's state and the quantity.")]),
        default: "review",
        "What follows where a quantity comes after its order was closed.")
    static let shortage = Field<String>(
        "shortage",
        .choice([
            .init(
                "record",
                "It is scrapped all the same, as Odoo lets a person confirm: the stock goes below zero until it is "
                    + "corrected."
            ),
            .init("reject", "It waits for a person."),
        ]), default: "record", "What follows where Odoo has less stock than was scrapped.")
    static let loss = Field<String>(
        "loss", default: "Equipment Failure", "The loss reason, by its English name, of a downtime that names none.")
    static let expiry = Field<Duration>(
        "expiry", in: .seconds(60)...(.seconds(7 * 86_400)), default: "8h",
        "How old a downtime's start may be to be opened as a line that blocks the work center, and how long such a "
            + "line may last."
    )
    static let cache = Field<Duration>(
        "cache", in: .seconds(1)...(.seconds(86_400)), default: "10m",
        "How long looked-up products, work centers and orders are believed.")

    static let gateway = Field<String>(
        "gateway",
        .choice([
            .init("auto", "Where it is installed and the user has its group."),
            .init("required", "Always: without it deliveries wait."),
            .init("off", "Never."),
        ]), default: "auto",
        "Whether commands go through the companion addon `millwright_gateway`, which carries each out in one "
            + "transaction and exactly once.")

    static let writers = Field<String>(
        "writers",
        .choice([
            .init(
                "one",
                "A second node waits until this one has stopped, or been silent for twice `settle`. An attachment of "
                    + "the user's own in Odoo says who writes."),
            .init("several", "Nobody is kept out: for nodes that write to different records."),
        ]), default: "one", "How many nodes may write as this user over plain RPC.")

    static let timeZone = Field<String>(
        "timeZone", .timeZone, example: "Europe/Paris",
        "The zone of dates without a time, such as a maintenance request's; without it that of the first plant.")

    static let company = Field<String>(
        "company", example: "Acme SAS",
        "The company that it works in, by its name or database id: it finds that company's records and the shared ones "
            + "alone, and makes new ones in it. Without it new records are made in the user's own company, and a name "
            + "that several of the user's companies have is refused.")

    /// All fields in the order of the documentation.
    static let fields: [FieldSpec] = [
        endpoint.spec, database.spec, company.spec, login.spec, secret.spec, certificates.spec, timeout.spec,
        settle.spec,
        orderBy.spec,
        corrections.spec, late.spec, shortage.spec, loss.spec, expiry.spec, cache.spec, gateway.spec, writers.spec,
        timeZone.spec, OdooAnswersSpec.answers.spec,
    ]

    /// The spec of `protocol: odoo` as a target.
    package static let target = ConnectorSpec(
        name: "odoo", role: .target,
        summary: """
            Carries business operations out in Odoo 16 to 19, from counting production to purchase, sales and \
            accounting, over JSON-RPC or JSON-2, as an ordinary user. Version and interface are found by themselves.
            """,
        fields: fields,
        operations: OdooOperations.all.map {
            var spec = $0.spec
            spec.needs = OperationNeeds.of[spec.name]?.words
            spec.writes = OdooObjects.object(operation: spec.name)
            // Activities and attachments have a model, too, and only stand beside it.
            if spec.name.hasPrefix("record.") {
                spec.writesByArgument = ("model", OdooObjects.objects)
            }
            return spec
        },
        queries: OdooQueries.all.map(\.spec),
        example: """
            target: odoo
            protocol: odoo
            endpoint: https://odoo.example.com
            database: production
            login: mes
            secret: ${file:/run/secrets/odoo}
            orderBy: name
            """,
        promises: [
            "Over plain RPC nothing is silently doubled or lost. What is written is absolute and recorded before it "
                + "is sent.",
            "After a lost answer Odoo is asked before anything is sent again, and \"not there\" counts only after the "
                + "settling time.",
            "Of several nodes that write as the same user one writes at a time; the others wait.",
            "Scrap, downtime and maintenance requests carry an external id made of the command's key, so that each "
                + "exists once.",
            """
            A quantity is read and then written in two calls. A correction that a planner saves in the milliseconds \
            between the two \
            is overwritten: plain RPC has no way to write on condition.
            """,
        ])
}

extension OdooAddress {
    init(_ settings: Settings, secret: String) throws(SettingFault) {
        let certificates = try settings.optional(OdooSpec.certificates)
        self.init(
            endpoint: try settings(OdooSpec.endpoint), database: try settings(OdooSpec.database),
            login: try settings(OdooSpec.login), secret: secret,
            trust: certificates.map { .rootsFile($0) } ?? .system, timeout: try settings(OdooSpec.timeout),
            company: try settings.optional(OdooSpec.company))
    }
}

extension OdooOptions {
    init(_ settings: Settings) throws(SettingFault) {
        self.init(
            orderBy: OrderBy(rawValue: try settings(OdooSpec.orderBy)) ?? .name,
            corrections: Corrections(rawValue: try settings(OdooSpec.corrections)) ?? .accept,
            shortage: Shortage(rawValue: try settings(OdooSpec.shortage)) ?? .record,
            loss: try settings(OdooSpec.loss), expiry: try settings(OdooSpec.expiry),
            settlingTime: try settings(OdooSpec.settle), cacheAge: try settings(OdooSpec.cache))
        gateway = Gateway(rawValue: try settings(OdooSpec.gateway)) ?? .auto
        writers = Writers(rawValue: try settings(OdooSpec.writers)) ?? .one
        if let own = try settings.optional(OdooAnswersSpec.answers) {
            answers = try AnswerSettings(own)
            holdWords = try own(OdooAnswersSpec.hold)
            openModels = try own(OdooAnswersSpec.models)
        }
    }
}
