/// Codes of one area, which have a runbook in common: a section of `docs/operations/errors.md`, called like the area.
struct ErrorFamily: Sendable {
    /// What the codes begin with: `ODOO`.
    let area: String
    let title: String
    /// Where a person sees such a failure; `CODE` stands for the code.
    let seen: String

    /// The place of the area's runbook, as a page of the reference links it.
    var runbook: String { "../operations/errors.md#\(area.lowercased())" }

    static let all: [ErrorFamily] = [
        ErrorFamily(
            area: "DELIV", title: "delivering commands and events",
            seen: """
                `millwright exceptions --code CODE` where it waits for a person; `/health` and the overview page where \
                it keeps a target from working.
                """),
        ErrorFamily(
            area: "FILES", title: "files that are read and written",
            seen: """
                `millwright exceptions --code CODE`, with the bytes that could not be read; `/health` and the overview \
                page where it keeps a source or a target from working.
                """),
        ErrorFamily(
            area: "HTTP", title: "events and commands over HTTP",
            seen: """
                In the answer to whoever sent the event, and in `millwright exceptions --code CODE`; `/health` and the \
                overview page where it keeps a target from working.
                """),
        ErrorFamily(
            area: "INTAKE", title: "taking events in",
            seen: """
                `millwright exceptions --code CODE`, and the answer to whoever sent the event; `/health/ready` where \
                nothing is taken in.
                """),
        ErrorFamily(
            area: "LINK", title: "edges and hubs",
            seen: """
                `/health` and the overview page of the node that meets it, and its log; \
                `millwright exceptions --code CODE` where a command or an event waits for a person.
                """),
        ErrorFamily(
            area: "LISTEN", title: "the node's own listener",
            seen: "The last line of the log, if the node does not start; the log of a node that runs."),
        ErrorFamily(
            area: "NODE", title: "parts of the running node",
            seen: "`/health`, the overview page and the log; `millwright exceptions --code CODE` for a decision."),
        ErrorFamily(
            area: "ODOO", title: "work in Odoo",
            seen: """
                `millwright exceptions --code CODE` where it waits for a person; `/health` and \
                `millwright odoo doctor` where it keeps the target from working.
                """),
        ErrorFamily(
            area: "QUERY", title: "questions to a target", seen: "In the answer to the question, as its `code`."),
        ErrorFamily(
            area: "ROUTE", title: "flows, maps and translations",
            seen: "`millwright exceptions --code CODE`, with the event and the program's message."),
        ErrorFamily(
            area: "SEC", title: "keys, secrets and signatures",
            seen: """
                The last line of the log, if the node does not start; `/health` and the log of the node that refused; \
                `millwright check --here` on the node's machine.
                """),
        ErrorFamily(
            area: "SET", title: "the settings folder",
            seen: """
                `millwright check --folder FOLDER`, with file, line and column; the overview page of a running node \
                names the first one.
                """),
        ErrorFamily(
            area: "SHDR", title: "lines of MTConnect adapters",
            seen: """
                `millwright exceptions --code CODE`, with the line that came; `/health` and the overview page where \
                the adapter cannot be reached.
                """),
        ErrorFamily(
            area: "SIG", title: "what readings mean",
            seen: "`millwright exceptions --code CODE`, with the reading that came."),
        ErrorFamily(
            area: "STORE", title: "the durable store",
            seen: """
                `/health` and the overview page; the last line of the log, if the node does not start; \
                `millwright exceptions --code CODE` for what was lost with a damaged part.
                """),
        ErrorFamily(
            area: "TEL", title: "telemetry that is sent away",
            seen: "The log, and `millwright_telemetry_exports_total` by outcome."),
    ]
}
