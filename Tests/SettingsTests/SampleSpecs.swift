import Contracts
import ExactJSON

@testable import NodeSettings

/// Small connectors that use every kind of field, in the words of the architecture's example.
enum SampleSpecs {
    static let files = ConnectorSpec(
        name: "files", role: .source, summary: "Follows files as they grow.",
        fields: [
            FieldSpec(
                "folder",
                .object([
                    FieldSpec("path", .path, required: true, example: "/data/in", "where the files are"),
                    FieldSpec("pattern", .glob, default: "*", example: "\"*.csv\"", "which files are read"),
                    FieldSpec(
                        "mode", .choice([.init("follow", "files grow"), .init("drop", "files come whole")]),
                        default: "follow", "how files come"),
                ]), required: true, "the folder"),
            FieldSpec(
                "format",
                .object([
                    FieldSpec(
                        "kind", .choice([.init("sections", "INI"), .init("csv", "CSV"), .init("jsonl", "JSON Lines")]),
                        required: true, "the format"),
                    FieldSpec("time", .timeFormat, example: "dd/MM/yyyy,HH:mm:ss", "how times are written"),
                    FieldSpec("zone", .timeZone, example: "Europe/Paris", "the zone of the times"),
                ]), required: true, "what is in the files"),
            FieldSpec(
                "every", .duration(.milliseconds(100)...(.seconds(3_600))), default: "1s",
                "how often the folder is looked at"),
            FieldSpec("lineBytes", .bytes(64...(1 << 20)), default: "64KiB", "the longest line"),
            FieldSpec("scale", .number, example: "0.001", "what counts are multiplied by"),
        ],
        example: """
            source: komax
            protocol: files
            folder: { path: /data/komax, pattern: "*/Job.sdc", mode: follow }
            format: { kind: sections, time: "dd/MM/yyyy,HH:mm:ss" }
            """,
        promises: ["Every whole line is read once."])

    static let shdr = ConnectorSpec(
        name: "mtconnect", role: .source, summary: "Listens to an MTConnect adapter.",
        fields: [
            FieldSpec("endpoint", .hostAndPort, required: true, example: "192.168.1.20:7878", "the adapter"),
            FieldSpec("standby", .reference(.source), "the source that takes over"),
            FieldSpec("feeds", .oneOrMany(.reference(.flow)), "the flows that it is for"),
        ],
        example: "source: okuma\nprotocol: mtconnect\nendpoint: 192.168.1.20:7878\n",
        promises: ["What is said while nobody listens is missed."])

    static let odoo = ConnectorSpec(
        name: "odoo", role: .target, summary: "Posts to Odoo.",
        fields: [
            FieldSpec(
                "endpoint", .url(schemes: ["https", "http"]), required: true, example: "https://odoo.example",
                "where Odoo is"),
            FieldSpec("database", .text, required: true, example: "production", "its database"),
            FieldSpec("login", .text, required: true, example: "mes", "the user"),
            FieldSpec("secret", .secret, required: true, example: "${file:/run/secrets/odoo}", "the key's place"),
            FieldSpec("concurrency", .integer(1...16), default: "2", "commands under way"),
            FieldSpec(
                "timeout", .duration(.seconds(1)...(.seconds(3_600))), default: "120s", "how long an answer may take"),
            FieldSpec("journal", .reference(.crosswalk), "a table of loss reasons"),
            FieldSpec("labels", .map(.text), "words for the log"),
        ],
        operations: [
            OperationSpec(
                name: "production.progress", summary: "Posts good pieces.",
                arguments: [
                    OperationArgument("order", .text, required: true, "the order"),
                    OperationArgument("quantity", .quantity, required: true, "how much"),
                ],
                merge: MergeRule(sums: ["quantity"]), promise: "never silently doubled",
                example: ["order": "MO/00042", "quantity": ["value": 1, "unit": "pcs"]]),
            OperationSpec(
                name: "scrap.record", summary: "Posts scrap.",
                arguments: [OperationArgument("order", .text, required: true, "the order")],
                promise: "never silently doubled",
                example: ["order": "MO/00042"]),
            OperationSpec(
                name: "ping", summary: "Looks whether Odoo is there.", arguments: [], promise: "changes nothing",
                example: [:]),
        ],
        example: """
            target: odoo
            protocol: odoo
            endpoint: https://odoo.lyon.example
            database: production
            login: mes
            secret: ${file:/run/secrets/odoo}   # or ${env:NAME}
            concurrency: 2
            timeout: 120s
            """,
        promises: ["Never silently doubled or lost."])

    static let hub = ConnectorSpec(
        name: "node", role: .target, summary: "Forwards events to a hub.",
        fields: [
            FieldSpec(
                "endpoint", .url(schemes: ["https"]), required: true, example: "https://hub.example:8443", "the hub")
        ],
        example: "target: hub\nprotocol: node\nendpoint: https://hub.example:8443\n", promises: ["In order, once."])

    static let signals = FieldKind.variants(
        by: "role",
        [
            FieldKind.Variant(
                "count", "a quantity that a fact states",
                [
                    FieldSpec(
                        "on", .oneOrMany(.text), required: true, example: "[JobTerminated]", "the records that state it"
                    ),
                    FieldSpec("event", .text, required: true, example: "production.completed", "the fact"),
                    FieldSpec(
                        "subject", .oneOrMany(.text), required: true, example: "[Job, ArticleKey]",
                        "the fields of the subject"),
                    FieldSpec("item", .text, example: "ArticleKey", "the field of the item"),
                    FieldSpec(
                        "quantity",
                        .object([
                            FieldSpec(
                                "field", .text, required: true, example: "TotalGoodPieces", "the quantity"),
                            FieldSpec(
                                "counts", .choice([.init("run", "this run"), .init("total", "all")]), default: "run",
                                "what it counts"),
                            FieldSpec("unit", .text, default: "pcs", "its unit"),
                        ]), required: true, "how much"),
                ]),
            FieldKind.Variant(
                "state", "what the machine does",
                [
                    FieldSpec("tag", .text, required: true, example: "execution", "the tag"),
                    FieldSpec(
                        "states",
                        .map(
                            .choice([
                                .init("running", "makes parts"), .init("idle", "waits"), .init("down", "is broken"),
                            ])), required: true, example: "{ ACTIVE: running }", "what its codes mean"),
                    FieldSpec(
                        "debounce", .duration(.zero...(.seconds(60))), default: "0s", "how long a state must last"),
                ]),
        ])

    static let all = [files, shdr, odoo, hub]

    /// A stand-in for the jq compiler: the word BAD does not compile, and parentheses must match.
    static let checkProgram: ProgramCheck = { source, _ in
        var faults: [ProgramFault] = []
        var open = 0
        for (number, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for range in line.ranges(of: "BAD") {
                let column = line.unicodeScalars.distance(from: line.startIndex, to: range.lowerBound) + 1
                faults.append(ProgramFault(line: number + 1, column: column, reason: "BAD is not defined"))
            }
            open += line.count { $0 == "(" } - line.count { $0 == ")" }
        }
        if open > 0 {
            let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
            faults.append(
                ProgramFault(line: lines.count, column: (lines.last?.count ?? 0) + 1, reason: "a ( is never closed"))
        }
        return faults
    }
}
