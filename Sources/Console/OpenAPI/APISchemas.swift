import Contracts
import ExactJSON

/// The shapes that the interface's description names (JSON Schema 2020-12).
enum APISchemas {
    static let all: JSON = [
        "Problem": object(
            [
                ("type", text("What kind of problem it is (RFC 9457).")), ("title", text("The same in words.")),
                ("status", ["type": "integer"]), ("detail", text("What happened, and what to do.")),
            ], required: ["title", "status", "detail"]),
        "Exception": exception,
        "ExceptionStory": [
            "allOf": [RouteAbout.reference("Exception")],
            "type": "object",
            "properties": [
                "waitingBehind": count("Deliveries that wait behind it."),
                "deliveries": list(
                    object([
                        ("id", ["type": "integer"]), ("operation", ["type": "string"]), ("key", ["type": "string"]),
                        ("arguments", [:]), ("edited", ["type": "boolean"]),
                    ])),
                "command": [
                    "type": ["object", "null"], "description": "The command that was sent, or was to be.",
                ],
                "document": document,
                "settings": settings, "map": map,
                "history": list(
                    object([
                        ("time", time), ("by", ["type": "string"]),
                        ("kind", choice(["comment", "assigned", "edited", "failed"])), ("text", ["type": "string"]),
                    ])),
                "others": list(
                    object([
                        ("id", ["type": "integer"]), ("code", ["type": "string"]), ("state", ["type": "string"]),
                    ])),
            ],
            "required": [
                "waitingBehind", "document", "deliveries", "command", "settings", "map", "history", "others",
            ],
        ],
        "ExceptionGroup": object([
            ("cause", text("Names the cause: 16 hexadecimal digits.")), ("count", count("How many.")),
            ("code", ["type": "string"]), ("pattern", text("The message without what names a single case.")),
            ("flow", optionalText), ("target", optionalText), ("source", optionalText),
            ("suggestion", text("What to do.")), ("oldest", time), ("newest", time),
            ("example", ["type": "integer"]),
        ]),
        "Traces": traces,
        "Request": object([
            ("id", ["type": "integer"]), ("kind", ["type": "string"]), ("by", ["type": "string"]), ("created", time),
            (
                "result",
                [
                    "type": ["string", "null"],
                    "description": "Null while it is not carried out; begins with `ok` where it was.",
                ]
            ),
            ("order", ["type": ["object", "null"]]),
            (
                "progress",
                [
                    "type": ["object", "null"],
                    "properties": [
                        "done": count("Decided."), "refused": count("Could not be decided so."),
                        "total": count("At the beginning."),
                    ],
                ]
            ),
        ]),
        "Asked": object([
            ("request", ["type": "integer"]),
            ("result", ["type": ["string", "null"], "description": "Null where the node has not come to it yet."]),
        ]),
        "Event": [
            "type": "object", "description": "A CloudEvents 1.0 document.",
            "properties": [
                "specversion": ["const": "1.0"], "id": ["type": "string", "minLength": 1],
                "source": ["type": "string", "minLength": 1], "type": ["type": "string", "minLength": 1],
                "subject": ["type": "string"], "time": time, "data": [:],
            ],
            "required": ["specversion", "id", "source", "type"],
        ],
        "Health": object([
            ("status", choice(["live", "stuck", "ready", "not ready"])),
            ("reasons", list(text("Why not, in a sentence."))),
        ]),
        "HealthReport": object([
            ("status", choice(["healthy", "unhealthy"])), ("time", time),
            ("ready", ["type": "boolean", "description": "Whether the node takes work in."]),
            ("reasons", list(text("Why it does not, in a sentence."))),
            (
                "parts",
                list(
                    object([
                        ("name", text("`store`, `source NAME`, `target NAME`.")),
                        ("state", text("A word: works, silent, failing, paused, quiet.")),
                        ("healthy", ["type": "boolean"]),
                        ("since", ["type": ["string", "null"], "format": "date-time"]), ("reason", optionalText),
                    ]))
            ),
        ]),
        "Status": status,
    ]

    private static let exception = object([
        ("id", ["type": "integer"]), ("kind", choice(["input", "map", "rejected", "doubt", "conflict"])),
        ("created", time), ("code", ["type": "string"]), ("message", ["type": "string"]),
        ("suggestion", text("What to do.")), ("record", record), ("detail", optionalText),
        ("cause", ["type": "string"]), ("source", optionalText), ("flow", optionalText), ("target", optionalText),
        ("key", optionalText), ("event", optionalText), ("origin", optionalText),
        ("arguments", ["type": ["object", "null"], "description": "Of the command."]),
        ("original", text("The original bytes, as far as they are UTF-8.")),
        ("state", choice(["open", "resubmitted", "discarded"])), ("assignee", optionalText),
        ("settled", ["type": ["string", "null"], "format": "date-time"]), ("settledBy", optionalText),
        ("note", optionalText),
    ])

    private static let status: JSON = [
        "type": "object", "description": "What the overview page shows.",
        "properties": ["plants": list(plant), "targets": list(target)],
        "required": [
            "version", "time", "node", "role", "status", "attention", "totals", "plants", "nodes", "sources",
            "targets", "exceptions",
        ],
    ]

    private static let target: JSON = [
        "type": "object", "properties": ["lastError": lastError], "required": ["name", "state", "lastError"],
    ]

    private static let plant = object([
        ("name", ["type": "string"]), ("state", text("A word: In order, Needs attention, In trouble.")),
        ("sources", count("Sources of the plant.")), ("sourcesWorking", count("Those of them that work.")),
        ("assets", count("Assets that the settings name.")),
        ("assetsHeard", count("Those of them of which something came since the node started.")),
        ("lastReading", ["type": ["string", "null"], "format": "date-time"]),
        ("exceptions", count("Exceptions that are open, among the oldest 10,000 of the node.")),
        ("late", list(text("What does not keep up, in a few words."))),
    ])

    private static let lastError: JSON = [
        "description": "What last went wrong at the target since the node started; null where nothing did.",
        "oneOf": [
            ["type": "null"],
            object([
                ("code", ["type": "string"]), ("message", ["type": "string"]), ("time", time),
                (
                    "acceptedSince",
                    ["type": "boolean", "description": "Whether the target has taken something since."]
                ),
            ]),
        ],
    ]

    private static let record: JSON = [
        "type": ["object", "null"], "description": "The record at the target that it is about, where one is known.",
        "properties": [
            "system": text("Whose record it is."), "title": text("What it is called there."),
            "url": ["type": "string", "format": "uri", "description": "Where a browser shows it."],
        ],
        "required": ["system", "title", "url"],
    ]

    private static let optionalTime: JSON = ["type": ["string", "null"], "format": "date-time"]

    private static let step = object([
        ("step", text("A word: captured, stored, forwarded, received, mapped, prepared, delivered, accepted, …")),
        ("time", optionalTime),
        (
            "after",
            [
                "type": ["number", "null"],
                "description": "Seconds from the last step that has a time; null where one of the two has none.",
            ]
        ),
        ("detail", ["type": "string"]),
        (
            "settings",
            [
                "type": ["object", "null"], "description": "Which settings mapped it.",
                "properties": ["version": ["type": "integer"], "digest": optionalText],
                "required": ["version", "digest"],
            ]
        ),
    ])

    private static let looked: JSON = [
        "type": ["object", "null"],
        "description": "How far events were looked through for what they hold; null where their names were enough.",
        "properties": [
            "events": count("How many of the newest."), "since": optionalTime,
            "whole": ["type": "boolean", "description": "Whether that is all that are here."],
        ],
        "required": ["events", "since", "whole"],
    ]

    private static let traces = object([
        (
            "events",
            list(
                object([
                    ("id", ["type": "string"]), ("type", ["type": "string"]), ("subject", optionalText),
                    ("source", ["type": "string"]), ("origin", optionalText), ("steps", list(step)),
                ]))
        ),
        ("looked", looked),
    ])

    private static let document: JSON = [
        "description": "The event, whole; null where there is none, or it is not kept any more.",
        "oneOf": [["type": "null"], RouteAbout.reference("Event")],
    ]

    private static let settings: JSON = [
        "type": ["object", "null"], "description": "The version of the settings that mapped it.",
        "properties": ["version": ["type": "integer"], "digest": ["type": "string"]],
        "required": ["version", "digest"],
    ]

    private static let map: JSON = [
        "description": "What made the command, as those settings have it; null where that is not known.",
        "oneOf": [
            ["type": "null"],
            object([
                ("path", text("The file below the settings folder.")), ("text", ["type": "string"]),
                ("isCut", ["type": "boolean", "description": "Whether there is more of it."]),
            ]),
        ],
    ]

    private static let time: JSON = ["type": "string", "format": "date-time"]
    private static let optionalText: JSON = ["type": ["string", "null"]]

    private static func text(_ summary: String) -> JSON { ["type": "string", "description": .string(summary)] }
    private static func count(_ summary: String) -> JSON {
        ["type": "integer", "minimum": 0, "description": .string(summary)]
    }
    private static func choice(_ words: [String]) -> JSON { ["enum": .array(words.map { .string($0) })] }

    static func list(_ items: JSON) -> JSON { ["type": "array", "items": items] }

    /// An object with these members, all of which are there unless `required` names fewer.
    static func object(_ members: [(name: String, schema: JSON)], required: [String]? = nil) -> JSON {
        [
            "type": "object",
            "properties": .object(JSONObject(uniqueKeysWithValues: members.map { ($0.name, $0.schema) })),
            "required": .array((required ?? members.map(\.name)).map { .string($0) }),
        ]
    }
}
