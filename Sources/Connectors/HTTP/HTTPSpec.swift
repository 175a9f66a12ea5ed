package import Contracts

/// The settings of the HTTP source.
package enum HTTPSpec {
    static let path = Field<String>(
        "path", .text, default: "/v1/events", example: "/v1/events/lab", "where on the node's listener events are taken"
    )
    /// Where the token is; read by whoever puts the node together.
    package static let token = Field<SecretReference>(
        "token", example: "${file:/run/secrets/lab}",
        "what senders give as `Authorization: Bearer …`; without it everybody who reaches the listener may send")

    package static let source = ConnectorSpec(
        name: "http", role: .source,
        summary: "Takes CloudEvents 1.0 over HTTP: binary, structured and batched.",
        fields: [path.spec, token.spec],
        example: """
            source: lab
            protocol: http
            path: /v1/events/lab
            token: ${file:/run/secrets/lab}

            """,
        promises: [
            "202 is answered only after every event of the request is durable or set aside for a person.",
            """
            An event that was sent before (same source and id) is counted as a duplicate and not stored again, so \
            a sender may repeat whatever was not answered.
            """,
            "A broken event of a batch is set aside with its bytes; the rest of the batch is stored.",
            "A body that is no JSON or no event is answered 400 with the place, and its bytes are kept for a person.",
            "While the node cannot store, senders get 503 with Retry-After; nothing is lost that the sender keeps.",
        ])

    /// Where the token is read from, for whoever composes the node and resolves secrets.
    package static func token(of settings: Settings) throws(SettingFault) -> SecretReference? {
        try settings.optional(token)
    }

    /// Where on the listener a source with these settings takes events; nil where they are not its own.
    package static func path(of settings: Settings) -> String? { try? settings(path) }
}
