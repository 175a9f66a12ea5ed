import Canonical
import Contracts
import ExactJSON
import NodeSecurity
import World

/// How an access token is asked for, and what follows from the answer (RFC 6749 sections 2.3.1, 4.4 and 5). Pure.
struct TokenRequest: Sendable {
    /// Bytes of an answer and of a token.
    static let maximumAnswer = 256 << 10
    static let maximumToken = 16 << 10
    /// How long a token counts of which the issuer does not say it.
    static let usualLife = Duration.seconds(300)

    struct Token: Sendable {
        let text: String
        let life: Duration
    }

    let address: String
    private let client: String
    private let scope: String?
    private let audience: String?
    private let sendsInBody: Bool

    init(_ settings: Settings) throws(SettingFault) {
        address = try settings(HTTPTargetFields.tokens)
        client = try settings(HTTPTargetFields.client)
        let scopes = try settings.optional(HTTPTargetFields.scope) ?? []
        scope = scopes.isEmpty ? nil : scopes.joined(separator: " ")
        audience = try settings.optional(HTTPTargetFields.audience)
        sendsInBody = try settings(HTTPTargetFields.send) == "body"
    }

    func request(secret: String, trust: Trust) -> HTTPRequest {
        var form = [(name: "grant_type", value: "client_credentials")]
        if let scope { form.append(("scope", scope)) }
        if let audience { form.append(("audience", audience)) }
        var headers: HTTPHeaders = [
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
        ]
        if sendsInBody {
            form += [("client_id", client), ("client_secret", secret)]
        } else {
            // Both are coded like a form's values first (section 2.3.1), so that a colon in one ends nothing.
            let pair = PercentCoding.encode(client) + ":" + PercentCoding.encode(secret)
            headers["Authorization"] = "Basic " + Base64.encode(Array(pair.utf8))
        }
        return HTTPRequest(
            method: "POST", target: address, headers: headers, body: Array(FormText.encode(form).utf8), trust: trust)
    }

    /// The token of an answer. Throws what its absence means: no command can go, and nothing was sent.
    func token(_ response: HTTPResponse, secret: String, now: Instant) throws(Deferral) -> Token {
        let body = try? JSONReader.read(response.body, maximumDepth: HTTPVerdict.maximumDepth)
        guard (200..<300).contains(response.status), let body, let text = body["access_token"]?.string else {
            throw refusal(response, body, secret: secret, now: now)
        }
        guard !text.isEmpty, text.utf8.count <= Self.maximumToken, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw Self.deferral("the issuer's token is none that a header field can take")
        }
        let kind = body["token_type"]?.string ?? "Bearer"
        guard kind.lowercased() == "bearer" else {
            let shown = AnswerExcerpt(secrets: [secret]).clean(kind).prefix(40)
            throw Self.deferral("the issuer hands out tokens of the type \"\(shown)\", and only Bearer is known")
        }
        let seconds = body["expires_in"]?.number?.intValue ?? body["expires_in"]?.string.flatMap { Int($0) }
        let life = seconds.map { Duration.seconds(min(max($0, 0), 86_400 * 365)) } ?? Self.usualLife
        return Token(text: text, life: life)
    }

    private func refusal(_ response: HTTPResponse, _ body: JSON?, secret: String, now: Instant) -> Deferral {
        // What section 5.2 has an issuer say; anything else may hold what was sent.
        let error = [body?["error"]?.string, body?["error_description"]?.string].compactMap { $0 }
        let words = AnswerExcerpt(secrets: [secret]).clean(error.joined(separator: ": ")).unicodeScalars.prefix(300)
            .map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return Self.deferral(
            "\(place) answers \(response.status)" + (words.isEmpty ? ", without a token" : ": \(String(words))"),
            after: RetryAfter.wait(response.headers, now: now))
    }

    /// The issuer's address without a query.
    var place: String { String(address.prefix { $0 != "?" }) }

    static func deferral(_ message: String, after: Duration? = nil) -> Deferral {
        Deferral(Failure(HTTPTargetFailures.token, message), after: after, isTargetDown: true)
    }
}
