import Canonical
package import Contracts
import ExactJSON

/// The keys of a file of `tests/`: what goes in, and what must come out.
package enum TestFields {
    static let cases = Field<[Settings]>(
        "cases", list: .object(ofCase), required: true, example: "[{ case: nothing comes in, given: [] }]",
        "the cases")

    // A case.
    static let name = Field<String>(
        "case", required: true, example: "a run of good pieces is posted", "what the case shows; no other is called so")
    static let at = Field<String>(
        "at", default: "2026-01-05T08:00:00Z", example: "2026-03-02T09:00:00Z",
        "what the node's clock shows when the case begins")
    static let context = Field<[NamedSettings]>(
        named: "context", ofContext, example: "{ press-1: { order: MO-7, operator: anna } }",
        "what is at hand on equipment when the case begins, by asset, as signals of the role `context` remember it")
    static let given = Field<[Settings]>(
        "given", list: .object(ofStep), required: true, example: "[{ eventsFrom: tests/captured.jsonl }]",
        "what comes in, one step after the other")
    static let wait = Field<Duration>(
        "wait", in: .zero...(.seconds(7 * 86_400)), default: "10s",
        "how long the node goes on behind the last step; no real time passes")
    static let expect = Field<Settings>(
        "expect", fields: ofExpectation,
        "what must have come out; what is not named is not compared, but exceptions must all be named")

    // A step.
    static let source = Field<String>(
        "source", .reference(.source), example: "press",
        "the source that it comes in by; events alone need none: they come as from an edge")
    static let after = Field<Duration>(
        "after", in: .zero...(.seconds(7 * 86_400)), example: "5m",
        "how much time passes before it; 10s where nothing is given, and none before the first")
    static let file = Field<String>(
        "file", example: "runs.csv", "for a source of files: the file below its folder that the text is appended to")
    static let text = Field<String>(
        "text", example: "\"order,good\\nMO-7,12\\n\"",
        "the raw bytes that the source reads: rows, sections, lines of SHDR, the body of a request")
    static let textFrom = Field<String>(
        "textFrom", .path, example: "tests/runs.csv", "a file with the raw bytes, in place of `text`")
    static let events = Field<[JSON]>(
        values: "events", example: "[{ type: millwright.production.completed.v1, data: {} }]",
        "CloudEvents; of `specversion`, `id`, `source` and `time` what is left out is filled in")
    static let eventsFrom = Field<String>(
        "eventsFrom", .path, example: "tests/captured.jsonl",
        "a file with an event a line, as `millwright tap --save` writes it, in place of `events`")
    static let readings = Field<[Settings]>(
        "readings", list: .object(ofReading), "tags and records as the source's signals get them")

    // A reading.
    static let tag = Field<String>("tag", example: "ppartcount", "the tag, or what the record is called")
    static let asset = Field<String>("asset", .name, example: "turn-1", "the equipment; else the source's own")
    static let value = Field<JSON>("value", example: "17", "the tag's value; null: the machine does not know it")
    static let record = Field<JSON>("record", example: "{ order: MO-7 }", "the fields of a record")
    static let time = Field<String>("time", example: "2026-03-02T09:00:00Z", "when; else what the clock shows")

    // What must come out.
    static let expectedEvents = Field<[JSON]>(
        values: "events", example: "[{ type: millwright.production.completed.v1, subject: MO-7 }]",
        "the canonical events that are stored, in order; of each the members that are named are compared")
    static let commands = Field<[(key: String, value: [Settings])]>(
        FieldSpec(
            "commands", .map(.list(.object(ofCommand))), example: "{ odoo: [{ operation: production.progress }] }",
            "by target: the commands that the flows make, in order; a target that is not named gets none")
    ) {
        guard case .map(let pairs) = $0 else { return nil }
        return pairs.map { pair in
            guard case .list(let values) = pair.value else { return (pair.key, []) }
            return (pair.key, values.compactMap { if case .object(let settings) = $0 { settings } else { nil } })
        }
    }
    static let exceptions = Field<[Settings]>(
        "exceptions", list: .object(ofException), "what waits for a person then, in order; nothing where none is named"
    )

    static let expectedContext = Field<[NamedSettings]>(
        named: "context", ofContext, example: "{ press-1: { order: MO-7 } }",
        "what is at hand then, by asset; on an asset that is not named nothing is")

    // What is at hand on an asset.
    static let ofContext: [FieldSpec] = [
        Field<String>("order", example: "MO-7", "the order").spec,
        Field<String>("operation", example: "OP-10", "the routing's operation").spec,
        Field<String>("item", example: "BRACKET", "the product's code").spec,
        Field<String>("lot", example: "L-2026-031", "the lot").spec,
        Field<String>("operator", example: "anna", "who works there").spec,
        Field<String>("program", example: "O1234", "the machine's program").spec,
    ]

    // A command.
    static let flow = Field<String>("flow", .reference(.flow), example: "progress", "the flow that made it")
    static let operation = Field<String>("operation", example: "production.progress", "what it asks of the target")
    static let key = Field<String>("key", example: "MO-7", "what orders it")
    static let lane = Field<String>("lane", .choice(Lane.choices), example: "normal", "how urgent it is")
    static let conflictKeys = Field<[String]>("conflictKeys", example: "[BRACKET]", "its conflict keys")
    static let arguments = Field<JSON>("arguments", example: "{ order: MO-7 }", "all of its arguments")

    // An exception.
    static let code = Field<String>("code", example: "ROUTE-003", "its code")
    static let place = Field<String>("where", example: "flow progress", "the flow, or where it was read")
    static let message = Field<String>("message", example: "no entry", "a part of what it says")

    static let ofReading: [FieldSpec] = [asset.spec, tag.spec, value.spec, record.spec, time.spec]
    static let ofStep: [FieldSpec] = [
        source.spec, after.spec, file.spec, text.spec, textFrom.spec, events.spec, eventsFrom.spec, readings.spec,
    ]
    static let ofCommand: [FieldSpec] = [
        flow.spec, operation.spec, key.spec, lane.spec, conflictKeys.spec, arguments.spec,
    ]
    static let ofException: [FieldSpec] = [code.spec, place.spec, message.spec]
    static let ofExpectation: [FieldSpec] = [
        expectedEvents.spec, commands.spec, exceptions.spec, expectedContext.spec,
    ]
    static let ofCase: [FieldSpec] = [name.spec, at.spec, context.spec, given.spec, wait.spec, expect.spec]

    /// All keys of the file.
    package static let all: [FieldSpec] = [cases.spec]
}
