import Contracts
import ExactJSON
import World

/// What an HTTP target's settings say beyond its credentials, checked.
struct HTTPTargetOptions: Sendable {
    /// Which requests are sent once more where it is not known what became of them.
    enum Repeats: String, Sendable, CaseIterable { case idempotent, keyed, never }

    let endpoint: String
    /// Header fields that the target sets itself.
    let taken: [String]
    let headers: [(name: String, value: String)]
    let repeats: Repeats
    let keyHeader: String
    let quotesKey: Bool
    let table: AnswerTable
    let reference: JSONPointer?
    let trust: Trust
    let timeout: Duration
    let settle: Duration
    let maximumRequest: Int
    let maximumAnswer: Int

    init(_ settings: Settings) throws(SettingFault) {
        func fault(_ name: String, _ reason: String, _ suggestion: String) -> SettingFault {
            SettingFault(
                location: settings.locations[name] ?? settings.location, reason: "\(name): \(reason)",
                suggestion: suggestion)
        }
        let given = try settings(HTTPTargetFields.endpoint)
        guard let endpoint = URLPieces.base(given) else {
            throw fault(
                "endpoint", "a query, a fragment and blanks cannot stand in it",
                "write the address up to the path, like https://mes.example.com/api; queries are the commands'")
        }
        self.endpoint = endpoint
        headers = (try settings.optional(HTTPTargetFields.headers) ?? [:]).sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value) }
        keyHeader = try settings(HTTPTargetFields.keyHeader)
        let auth = try settings.optional(HTTPTargetFields.auth)
        taken =
            [keyHeader, "traceparent"]
            + (try auth.map { auth throws(SettingFault) in
                try HTTPCredentials.Kind(auth).taken
            } ?? [])
        for (name, value) in headers {
            if let reason = HeaderRules.refusal(name, value, taken: taken) {
                throw fault("headers", reason, "give each field a name and a value of plain characters")
            }
        }
        if let reason = HeaderRules.refusal(keyHeader, "key", taken: []) {
            throw fault("keyHeader", reason, "name it like Idempotency-Key")
        }
        repeats = Repeats(rawValue: try settings(HTTPTargetFields.repeats)) ?? .idempotent
        quotesKey = try settings(HTTPTargetFields.keyForm) == "quoted"
        table = try AnswerTable(settings)
        if let text = try settings.optional(HTTPTargetFields.reference) {
            guard let pointer = JSONPointer(text) else {
                throw fault("reference", "\"\(text)\" is no JSON Pointer (RFC 6901)", "write it like /data/id")
            }
            reference = pointer
        } else {
            reference = nil
        }
        trust = try settings.optional(HTTPTargetFields.certificates).map { .rootsFile($0) } ?? .system
        timeout = try settings(HTTPTargetFields.timeout)
        settle = try settings(HTTPTargetFields.settle)
        maximumRequest = try settings(HTTPTargetFields.maximumRequest)
        maximumAnswer = try settings(HTTPTargetFields.maximumAnswer)
    }
}
