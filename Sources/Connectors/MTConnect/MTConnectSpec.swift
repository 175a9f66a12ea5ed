package import Contracts

/// The settings of an MTConnect adapter source and all that the documentation says of it.
package enum MTConnectSpec {
    static let endpoint = Field<String>(
        "endpoint", .hostAndPort, required: true, example: "10.0.4.17:7878", "where the adapter listens")
    static let devices = Field<[String: String]>(
        "devices", example: "{ OKUMA: okuma-multus }",
        "assets by the device that stands before a key (`OKUMA:ppartcount`); without it a colon belongs to the key")
    static let model = Field<String>(
        "model", .path, example: "models/okuma.xml",
        "the agent's Devices.xml: says which keys are conditions, messages, time series, data sets and tables")
    static let conditions = Field<[String]>("conditions", example: "[system, S1_cond]", "keys that are conditions")
    static let messages = Field<[String]>("messages", example: "[opmessage]", "keys that are messages")
    static let timeSeries = Field<[String]>("timeSeries", example: "[vibration]", "keys that are time series")
    static let dataSets = Field<[String]>("dataSets", example: "[variables]", "keys that are data sets")
    static let tables = Field<[String]>("tables", example: "[workoffsets]", "keys that are tables")
    static let encoding = Field<String>(
        "encoding", .choice([.init("utf-8", "as the standard says"), .init("latin-1", "ISO 8859-1")]), default: "utf-8",
        "the encoding of the lines")
    static let time = Field<String>(
        "time", .choice([.init("adapter", "as the line says"), .init("arrival", "when the line came")]),
        default: "adapter",
        "which time readings have")
    static let repeats = Field<String>(
        "repeats",
        .choice([.init("keep", "every value is a reading"), .init("drop", "a value equal to the last one is none")]),
        default: "keep", "what a value means that is equal to the last one of its key")
    static let connectTimeout = Field<Duration>(
        "connectTimeout", in: .seconds(1)...(.seconds(120)), default: "10s", "how long connecting may take")
    static let silence = Field<Duration>(
        "silence", in: .seconds(5)...(.seconds(86_400)), default: "600s",
        "an adapter that takes no heartbeat and says nothing for so long is connected anew")
    static let linger = Field<Duration>(
        "linger", in: .zero...(.seconds(5)), default: "50ms",
        "how long readings wait for more before they are stored together")
    static let base = Field<Duration>(
        "base", in: .milliseconds(10)...(.seconds(3_600)), default: "500ms", "the longest first wait")
    static let cap = Field<Duration>(
        "cap", in: .milliseconds(10)...(.seconds(3_600)), default: "30s", "the longest wait at all")
    static let retry = Field<Settings>(
        "retry", fields: [base.spec, cap.spec],
        "the wait before connecting again: a random part of a span that doubles each time, from `base` to `cap`")

    static let silentAfter = Field<SilenceLimit>.silentAfter(
        default: "15m",
        "how long the machine may say nothing before the source counts as silent in `/health`, the metrics and the "
            + "overview, though it is connected; `never` where it may be silent for ever")

    /// All fields in the order of the documentation.
    static let fields: [FieldSpec] = [
        endpoint.spec, devices.spec, model.spec, conditions.spec, messages.spec, timeSeries.spec, dataSets.spec,
        tables.spec, encoding.spec, time.spec, repeats.spec, connectTimeout.spec, silence.spec, linger.spec, retry.spec,
        silentAfter.spec,
    ]

    /// The spec of `protocol: mtconnect` as a source.
    package static let source = ConnectorSpec(
        name: "mtconnect", role: .source,
        summary:
            "Listens to an MTConnect adapter (SHDR over TCP): samples, events, conditions, messages, time series, data "
            + "sets, tables and assets.",
        fields: fields, example: example,
        promises: [
            "SHDR has no acknowledgement: what an adapter says while nobody listens is gone. Counters make up for "
                + "it: the first value after the reconnect counts what was made meanwhile. States, conditions and "
                + "messages that came and went meanwhile are missed.",
            "Each such span is reported as node.data-missed, from the last line to the reconnect, also over a restart.",
            "Lines are read on only when the last ones are stored, so a full node makes the adapter wait (TCP), and a "
                + "crash loses at most what was read and not stored; the adapter's snapshot and the counters' "
                + "baselines then repeat nothing.",
            "When the connection ends, every item that the adapter named is unavailable.",
            "An adapter that is connected and says nothing is not healthy: after `silentAfter` (15 minutes, unless the "
                + "settings say otherwise) the source counts as silent, and nothing else changes.",
        ])

    /// A settings file that works, as in `example.yaml`.
    package static let example = """
        source: okuma
        protocol: mtconnect
        plant: lyon
        asset: okuma-multus
        endpoint: 127.0.0.1:7878
        signals:
          - role: context
            tags: { program: pprogram }
          - role: counter
            tag: ppartcount
          - role: state
            tag: pexecution
            map:
              ACTIVE: running
              READY: idle
              PROGRAM_COMPLETED: idle
              OPTIONAL_STOP: held
              INTERRUPTED: held
              FEED_HOLD: held
              PROGRAM_STOPPED: held
              STOPPED: held
            overrides: { estop: { TRIGGERED: down } }
            debounce: 2s
          - role: cycle
            tag: pexecution
            starts: [ACTIVE]
            ends: [PROGRAM_COMPLETED]
          - role: condition
            tags: ["system", "*_cond"]
        """
}
