package import Contracts
import ExactJSON

extension HTTPSpec {
    private static let request = OperationSpec(
        name: "request", summary: "Sends one HTTP request, made of what the map gives.",
        arguments: [
            OperationArgument("method", .text, "POST (where it is not given), PUT, PATCH, DELETE or GET"),
            OperationArgument(
                "path", .any,
                "what stands behind the endpoint: text in which / separates segments, or a list of segments, whose own "
                    + "slashes are encoded"),
            OperationArgument("query", .any, "names and values behind ?; a list repeats its name, null leaves one out"),
            OperationArgument("headers", .any, "names and values of header fields"),
            OperationArgument("body", .any, "what is sent as JSON"),
            OperationArgument("text", .text, "what is sent as text; Content-Type among the headers says of which kind"),
            OperationArgument("form", .any, "names and values that are sent as a form"),
        ],
        promise: """
            Never silently doubled: what is sent has the same key each time, and where it is not known what became of \
            it, it is sent again only as `repeats` says, else a person decides
            """,
        example: [
            "method": "PUT", "path": ["orders", "WH/MO/00042", "progress"], "query": ["unit": "pcs"],
            "body": ["good": 17],
        ])

    /// The spec of `protocol: http` as a target.
    package static let target = ConnectorSpec(
        name: "http", role: .target,
        summary: "Sends commands to any HTTP interface, one request each: JSON, text or forms, signed where wanted.",
        fields: HTTPTargetFields.all, operations: [request],
        example: """
            target: mes
            protocol: http
            endpoint: https://mes.example.com/api/v2
            auth:
              kind: oauth2
              tokens: https://login.example.com/oauth2/token
              client: millwright-lyon
              secret: ${file:/run/secrets/mes}
              scope: orders.write
            repeats: keyed
            status: { accepted: [409] }
            reference: /id

            """,
        promises: [
            "What is sent is stored before it is sent, with a key that all repetitions of it have.",
            """
            Where the answer was lost, or a server or gateway broke down on the way, the request is sent again only \
            where twice is as once: by its method, or by its key where the receiver knows it again (`repeats`). \
            Everything else waits for a person.
            """,
            "A repetition without a key waits until the receiver can no longer be working on the first one (`settle`).",
            "A receiver that answers nothing for a while is sent one request after some time, not all that wait.",
            "Redirects are not followed, answers are read as far as `maximumAnswer`, TLS is 1.2 or newer.",
            "Secrets and tokens are in no log, error or trace, also where the receiver repeats them.",
        ])

    /// What is wrong with a target's settings that its fields alone do not show.
    package static func check(target settings: Settings) throws(SettingFault) { _ = try HTTPTargetOptions(settings) }
}
