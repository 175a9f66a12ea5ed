import Contracts

/// The settings of an HTTP target as typed keys.
enum HTTPTargetFields {
    static let endpoint = Field<String>(
        "endpoint", .url(schemes: ["https", "http"]), required: true, example: "https://mes.example.com/api/v2",
        "The address that everything is sent below; a command's path is put behind it.")
    static let headers = Field<[String: String]>(
        "headers", example: "{ X-Plant: lyon }", "Header fields of every request.")

    /// Decides about the rest of `auth`.
    static let kind = Field<String>("kind", required: true, example: "bearer", "How requests show who sends them.")
    static let user = Field<String>("user", required: true, example: "millwright", "The user's name.")
    static let secret = Field<SecretReference>(
        "secret", required: true, example: "${file:/run/secrets/mes}", "The password, token or key.")
    static let header = Field<String>(
        "header", required: true, example: "X-API-Key", "The header field that takes the key.")
    static let tokens = Field<String>(
        "tokens", .url(schemes: ["https", "http"]), required: true, example: "https://login.example.com/oauth2/token",
        "The address that hands out access tokens.")
    static let client = Field<String>("client", required: true, example: "millwright-lyon", "The client's id.")
    static let scope = Field<[String]>("scope", example: "[orders.write]", "The scopes to ask for.")
    static let audience = Field<String>(
        "audience", example: "https://mes.example.com", "What the token is for, where the issuer wants to know.")
    static let send = Field<String>(
        "send",
        .choice([
            .init("header", "As HTTP Basic (`client_secret_basic`)."),
            .init("body", "In the form (`client_secret_post`)."),
        ]), default: "header", "How the client says who it is.")
    /// How requests show who sends them.
    static let auth = Field<Settings>(
        FieldSpec(
            "auth",
            .variants(
                by: "kind",
                [
                    .init("basic", "A user and a password (RFC 7617).", [user.spec, secret.spec]),
                    .init("bearer", "A token that does not change (RFC 6750).", [secret.spec]),
                    .init("header", "A key in a header field of its own.", [header.spec, secret.spec]),
                    .init(
                        "oauth2",
                        "An access token by client credentials (RFC 6749 section 4.4), renewed before it expires.",
                        [tokens.spec, client.spec, secret.spec, scope.spec, audience.spec, send.spec]),
                ]), example: "{ kind: bearer, secret: \"${file:/run/secrets/mes}\" }",
            "How requests show who sends them. Without it they do not.")
    ) { if case .object(let settings) = $0 { settings } else { nil } }

    static let secrets = Field<[SecretReference]>(
        secrets: "secrets", required: true, example: "[\"${file:/run/secrets/webhook}\"]",
        "One secret, `whsec_…`, or several while they are changed: each signs.")
    static let signing = Field<Settings>(
        "signing", fields: [secrets.spec],
        "Signs each request after Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.")

    static let repeats = Field<String>(
        "repeats",
        .choice([
            .init(
                HTTPTargetOptions.Repeats.idempotent.rawValue,
                "Methods of which twice is as once (PUT, DELETE and GET, RFC 9110 section 9.2.2); others wait for a "
                    + "person."),
            .init(
                HTTPTargetOptions.Repeats.keyed.rawValue,
                "Every request: the receiver knows `keyHeader` again, and answers a repetition without doing it twice."
            ),
            .init(HTTPTargetOptions.Repeats.never.rawValue, "None: a person looks at each."),
        ]), default: "idempotent", "Which requests are sent once more where it is not known what became of them.")
    static let keyHeader = Field<String>(
        "keyHeader", default: "Idempotency-Key",
        "The header field that takes the key, which a request and its repetitions have in common.")
    static let keyForm = Field<String>(
        "keyForm",
        .choice([
            .init("quoted", "In quotation marks, as the draft of the IETF says."), .init("bare", "Without them."),
        ]), default: "quoted", "How the key is written.")

    private static let statuses = 200...599
    static let accepted = Field<[Int]>(
        integers: "accepted", in: statuses, example: "[409]", "Further ones that mean it is there, beside 2xx.")
    static let retried = Field<[Int]>(
        integers: "retried", in: statuses, example: "[503]",
        "Further ones that mean it was surely not done and may be tried again, beside 408, 425 and 429.")
    static let rejected = Field<[Int]>(
        integers: "rejected", in: statuses, example: "[403]", "Further ones that mean that this command is wrong.")
    static let status = Field<Settings>(
        "status", fields: [accepted.spec, retried.spec, rejected.spec],
        "What the receiver means by a status, where it differs from what is usual.")
    static let reference = Field<String>(
        "reference", example: "/data/id",
        "Where the answer has the id of what was made, as a JSON Pointer. Without it, the `Location` of the answer.")

    static let certificates = Field<String>(
        "certificates", .path, example: "/etc/millwright/mes-ca.pem",
        "A PEM file of the certificate authorities to trust instead of the system's.")
    static let timeout = Field<Duration>(
        "timeout", in: .seconds(1)...(.seconds(900)), default: "30s", "How long a request may take.")
    static let settle = Field<Duration>(
        "settle", in: .seconds(1)...(.seconds(3_600)), default: "60s",
        "How long after a lost answer nothing is sent again, because the receiver may still be working on it.")
    static let maximumRequest = Field<Int>(
        "maximumRequest", .bytes(1_024...(32 << 20)), default: "1MiB", "The largest body that is sent.")
    static let maximumAnswer = Field<Int>(
        "maximumAnswer", .bytes(1_024...(32 << 20)), default: "1MiB",
        "The largest answer that is read. A larger one counts as lost.")

    /// All fields, in the order of the documentation.
    static let all: [FieldSpec] = [
        endpoint.spec, headers.spec, auth.spec, signing.spec, repeats.spec, keyHeader.spec, keyForm.spec, status.spec,
        reference.spec, certificates.spec, timeout.spec, settle.spec, maximumRequest.spec, maximumAnswer.spec,
    ]
}
