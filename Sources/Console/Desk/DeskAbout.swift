import Contracts
import ExactJSON
import Store

/// What the interface's description says of the desk's routes.
enum DeskAbout {
    private static let viewer = RouteAbout.Access.console(scope: ConsoleScope.viewer.rawValue)
    private static let operates = RouteAbout.Access.console(scope: ConsoleScope.operates.rawValue)
    private static let wrong = RouteAbout.Answer.problem(400, "The request cannot be read.")
    private static let busy = RouteAbout.Answer.problem(503, "The store cannot be asked now.")
    private static let exception = RouteAbout.Parameter("exception", "Its number.", ["type": "integer"])
    private static let number = RouteAbout.Parameter("request", "Its number.", ["type": "integer"])
    private static let note = (name: "note", schema: ["type": "string"] as JSON)

    private static let filters: [RouteAbout.Parameter] = [
        .init(
            "state", "Whether they wait still; `open` unless it is given.",
            ["enum": .array(ExceptionFilter.Progress.allCases.map { .string($0.rawValue) })]),
        .init("cause", "Those of one cause, as the groups name it."), .init("code", "Those with a code."),
        .init(
            "kind", "Those of a kind.",
            ["enum": .array(ExceptionRecord.Kind.allCases.map { .string($0.rawValue) })]),
        .init("flow", "Those of a flow."), .init("target", "Those of a target."), .init("source", "Those of a source."),
        .init("key", "Those of a key."), .init("assignee", "Those that somebody looks after; `-` for nobody."),
        .init("text", "Those with a text in message, event, key or place."),
        .init("since", "Those that came up then or later.", ["type": "string", "format": "date-time"]),
        .init("until", "Those that came up before.", ["type": "string", "format": "date-time"]),
    ]

    static let list = RouteAbout(
        "listExceptions", "exceptions", "What waits for a person, oldest first.", access: viewer,
        query: filters + [
            .init("limit", "The most to answer with; 100 unless it is given.", ["type": "integer", "minimum": 1]),
            .init("after", "Only those with a higher number.", ["type": "integer", "minimum": 0]),
        ],
        answers: [
            .init(
                200, "A page; `next` is what to give as `after` for the next one, null at the end.",
                .json(
                    APISchemas.object([
                        ("exceptions", APISchemas.list(RouteAbout.reference("Exception"))),
                        ("next", ["type": ["integer", "null"]]),
                    ]))), wrong, busy,
        ])

    static let groups = RouteAbout(
        "listExceptionGroups", "exceptions", "Exceptions by cause, the most frequent first.", access: viewer,
        query: filters,
        answers: [
            .init(
                200, "The groups, and how many there are.",
                .json(
                    APISchemas.object([
                        ("groups", APISchemas.list(RouteAbout.reference("ExceptionGroup"))),
                        ("count", ["type": "integer"]),
                    ]))), wrong, busy,
        ])

    static let show = RouteAbout(
        "showException", "exceptions", "One exception with everything that is known of it.", access: viewer,
        path: [exception],
        answers: [
            .init(200, "The exception.", .json(RouteAbout.reference("ExceptionStory"))), wrong,
            .problem(404, "There is none of this number."), busy,
        ])

    static let asked: [RouteAbout.Answer] = [
        .init(200, "It is done.", .json(RouteAbout.reference("Asked"))),
        .init(
            202, "The node has not come to it yet; the place says where to ask.", .json(RouteAbout.reference("Asked"))),
        .init(409, "It was refused; `result` says why.", .json(RouteAbout.reference("Asked"))), wrong,
        .problem(404, "There is no such action."), busy,
    ]

    static let act = RouteAbout(
        "decideException", "exceptions", "Does something about one exception.", access: operates,
        path: [
            exception,
            .init(
                "action", "What is done.",
                ["enum": ["resubmit", "discard", "edit", "assign", "comment"]]),
        ],
        body: .json(
            APISchemas.object(
                [
                    note, ("to", ["type": ["string", "null"], "description": "Who looks after it: to assign."]),
                    ("arguments", ["type": "object", "description": "The command's arguments, whole: to edit."]),
                    ("delivery", ["type": ["integer", "null"], "description": "Which delivery they are for."]),
                    (
                        "event",
                        [
                            "type": "object", "description": "A merge patch (RFC 7396) of the event: to edit.",
                            "properties": ["subject": ["type": ["string", "null"]], "data": [:]],
                            "additionalProperties": false,
                        ]
                    ), ("document", RouteAbout.reference("Event")),
                ], required: [])),
        answers: asked)

    static let many = RouteAbout(
        "decideExceptions", "exceptions", "Resubmits or discards all open exceptions that a filter lets through.",
        access: operates,
        body: .json(
            APISchemas.object(
                [
                    ("action", ["enum": ["resubmit", "discard"]]), note,
                    (
                        "filter",
                        [
                            "type": "object", "additionalProperties": ["type": "string"],
                            "propertyNames": ["enum": .array(filters.dropFirst().map { .string($0.name) })],
                        ]
                    ),
                    (
                        "through",
                        [
                            "type": ["integer", "null"], "minimum": 0,
                            "description": "The highest number that is meant; all that there are without it.",
                        ]
                    ),
                    (
                        "rate",
                        [
                            "type": ["integer", "null"], "minimum": 1, "maximum": .int(ManyOrder.maximumRate),
                            "description": "How many a second, at most.",
                        ]
                    ),
                ], required: ["action", "filter"])),
        answers: [
            .init(
                202, "It has begun; `see` says how far it is.",
                .json(APISchemas.object([("request", ["type": "integer"]), ("see", ["type": "string"])]))), wrong, busy,
        ])

    static let request = RouteAbout(
        "showRequest", "exceptions", "How far something that was asked for is.", access: viewer, path: [number],
        answers: [
            .init(200, "Where it stands.", .json(RouteAbout.reference("Request"))), wrong,
            .problem(404, "There is none of this number."), busy,
        ])

    static let stop = RouteAbout(
        "stopRequest", "exceptions", "Ends a decision about many where it stands.", access: operates, path: [number],
        body: .json(APISchemas.object([note], required: [])), answers: asked)
}
