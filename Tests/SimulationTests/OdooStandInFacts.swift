import ExactJSON

@testable import OdooStandIn

/// What the answers of a recording say about records: rows that were read, and names beside ids.
struct Facts {
    struct Key: Hashable {
        let model: String
        let id: Int
    }

    private(set) var labels: [Key: String] = [:]
    private(set) var rows: [Key: JSONObject] = [:]

    init(_ exchanges: [RecordedExchange], registry: OdooRegistry) {
        for exchange in exchanges {
            guard let call = exchange.call, let model = registry[call.model] else { continue }
            let result = exchange.answer["result"] ?? exchange.answer
            for row in result.array ?? [] {
                guard let members = row.object, let id = members["id"]?.int else { continue }
                // The first sight counts: later ones show what the recording itself changed.
                for (name, value) in members where rows[Key(model: model.name, id: id)]?[name] == nil {
                    rows[Key(model: model.name, id: id), default: [:]][name] = value
                }
                for (name, value) in members {
                    if let comodel = model.fields[name]?.comodel, let other = value[0]?.int,
                        let label = value[1]?.string
                    {
                        labels[Key(model: comodel, id: other)] = label
                    }
                }
            }
        }
    }
}

/// What of the recordings is outside of the stand-in, with the reason.
enum Scope {
    private static let otherModels = [
        "sale.", "base.automation", "ir.actions", "mrp.production.split",
    ]
    /// Answers that show the demo database as a whole: its counts, its first rows.
    private static let demoData: Set<String> = [
        "search_read", "search_read-bigint-float-date", "read-bin_size", "execute_kw-apikey", "read_group",
        "formatted_read_group", "web_search_read", "active_test", "returns-recordset", "search", "search_count",
        "bearer-uppercase",
        "content-type-charset", "db-header", "big-limit-none", "mes-partner-read", "login-cooldown-execute_kw",
        "login-cooldown-apikey", "login-cooldown-execute_kw-after-bad-executes", "cooldown-execute_kw",
        "cooldown-execute_kw-apikey",
        "cooldown-json2", "cooldown-after-bad-execute_kw", "modules", "apikey-list", "company-tz", "db-list",
        "cursor-order", "cursor-keyset",
    ]

    static func reason(_ exchange: RecordedExchange, registry: OdooRegistry) -> String? {
        if exchange.status == nil || exchange.method.isEmpty { return "a note without request and answer" }
        switch exchange.transport {
        case "xmlrpc": return "XML-RPC"
        case "jsonrpc-session": return "cookie sessions"
        case "webhook-outbound", "webhook-inbound": return "webhooks"
        default: break
        }
        if exchange.step.contains("concurrent-update") { return "needs a second transaction at the same time" }
        if exchange.path.hasPrefix("/doc-bearer") || exchange.path.hasPrefix("/json/1") {
            return "pages of other modules"
        }
        if exchange.path == "/web/session/authenticate" || exchange.path.hasPrefix("/web/dataset") {
            return "cookie sessions"
        }
        if exchange.step.hasPrefix("rollback-after-hook") || exchange.step.hasPrefix("webhook")
            || exchange.step == "rolled-back"
        {
            return "webhooks"
        }
        if demoData.contains(exchange.step), exchange.step != "search" || exchange.path.hasPrefix("/json/2"),
            exchange.step != "search_count" || exchange.path.hasPrefix("/json/2")
        {
            return "shows the demo database as a whole"
        }
        if exchange.step == "lead-read" { return "shows a probability that the demo database's leads led to" }
        guard let call = exchange.call else { return nil }
        if registry[call.model] == nil, otherModels.contains(where: { call.model.hasPrefix($0) }) {
            return "model outside: \(call.model.split(separator: ".").prefix(2).joined(separator: "."))"
        }
        return nil
    }
}
