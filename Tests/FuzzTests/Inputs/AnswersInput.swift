import Canonical
import Contracts
import ExactJSON
import Telemetry
import World

@testable import HTTPConnector

/// A byte that chooses, then what others answer or ask: to the HTTP target, to its question for a token, to the
/// telemetry exporter; when they want to be asked again; the trace that an event says it belongs to. Its upper half
/// hands the rest on to ``ChangesInput`` and ``FormsInput``.
enum AnswersInput {
    static let secret = "s3cret/with+marks"
    private static let now = Instant(microseconds: 1_700_000_000_000_000)
    private static let place = SettingLocation(file: "targets/mes.yaml", line: 1, column: 1)
    private static let statuses = [200, 201, 204, 301, 307, 400, 401, 408, 409, 422, 429, 500, 501, 502, 503, 999]

    static func check(_ input: [UInt8]) throws {
        guard let choice = input.first else { return }
        let rest = Array(input.dropFirst())
        switch choice >> 4 {
        case 0, 1: try verdict(rest, isRepeatable: choice & 0x10 != 0, status: statuses[Int(choice & 15)])
        case 2: try token(rest, status: statuses[Int(choice & 15)])
        case 3: try table(rest)
        case 4: try collector(rest, status: statuses[Int(choice & 15)])
        case 5: try pauses(rest)
        case 6: try trace(rest)
        case 7...11: try ChangesInput.check(choice, rest)
        default: try FormsInput.check(choice, rest)
        }
    }

    /// An answer whose body's first line stands in its header fields too.
    private static func response(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
        let line = String(decoding: body.prefix { $0 != 0x0A }, as: UTF8.self)
        let kind = line.hasPrefix("{") ? "application/problem+json" : line
        return HTTPResponse(
            status: status, headers: ["retry-after": line, "location": line, "date": line, "content-type": kind],
            body: body)
    }

    // MARK: HTTP target

    private static func verdict(_ body: [UInt8], isRepeatable: Bool, status: Int) throws {
        let table = AnswerTable()
        let verdict = HTTPVerdict(
            table: table, reference: JSONPointer("/id"), settle: .seconds(60), excerpt: AnswerExcerpt(secrets: [secret])
        )
        let request = PlannedRequest(method: "POST", address: "http://m/o?pin=1234", headers: [], body: [])
        let outcome = verdict.outcome(
            response(status, body), of: request, isRepeatable: isRepeatable, isKeyed: false, now: now)
        let meaning = table[status]
        switch outcome {
        case .accepted(let acceptance):
            try require(meaning == .accepted, "\(status) is no acceptance")
            try showable(acceptance.reference)
            try showable(acceptance.summary)
        case .rejected(let failure):
            try require(meaning == .rejected, "\(status) is no refusal")
            try require(!failure.message.isEmpty, "a refusal without words")
            try showable(failure.message)
        case .deferred(let deferral):
            try require(meaning != .accepted && meaning != .rejected, "\(status) is put off")
            try require(meaning != .doubtful || isRepeatable, "what may have been done is done again")
            try showable(deferral.failure.message)
            try bounded(deferral.after, RetryAfter.bounds.upperBound)
        case .unknown(let failure):
            try require(meaning == .doubtful && !isRepeatable, "\(status) leaves nothing open")
            try showable(failure.message)
        }
    }

    private static let question = try? TokenRequest(
        Settings(
            values: [
                "tokens": .text("https://login.example/token"), "client": .text("millwright"), "send": .text("header"),
            ], location: place))

    private static func token(_ body: [UInt8], status: Int) throws {
        guard let question else { throw PropertyViolation(description: "the settings of a token are refused") }
        let token: TokenRequest.Token
        do {
            token = try question.token(response(status, body), secret: secret, now: now)
        } catch {
            try require(error.isTargetDown, "without a token commands go on")
            try showable(error.failure.message)
            try bounded(error.after, RetryAfter.bounds.upperBound)
            return
        }
        try require((200..<300).contains(status), "a token out of \(status)")
        try require(
            !token.text.isEmpty && token.text.utf8.count <= TokenRequest.maximumToken
                && token.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a token that no header field takes")
        try bounded(token.life, .seconds(86_400 * 365))
    }

    /// Three lists of statuses, a line each, a byte a status.
    private static func table(_ bytes: [UInt8]) throws {
        let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        let names = ["accepted", "retried", "rejected"]
        let meanings: [AnswerTable.Meaning] = [.accepted, .retried, .rejected]
        var said: [Int: Set<AnswerTable.Meaning>] = [:]
        var values: [String: SettingValue] = [:]
        for (index, line) in lines.enumerated() {
            let codes = line.map { 200 + Int($0) }
            for code in codes { said[code, default: []].insert(meanings[index]) }
            values[names[index]] = .list(codes.map { .integer($0) })
        }
        let settings = Settings(
            values: ["status": .object(Settings(values: values, location: place))], location: place)
        let isClear = said.values.allSatisfy { $0.count == 1 }
        guard let table = try? AnswerTable(settings) else {
            try require(!isClear, "refused, and no status stands under two words")
            return
        }
        try require(isClear, "a status under two words is taken")
        let usual = AnswerTable()
        for code in 200..<456 {
            try require(table[code] == said[code]?.first ?? usual[code], "\(code) is \(table[code])")
        }
    }

    // MARK: Others

    private static func collector(_ body: [UInt8], status: Int) throws {
        switch OTLPVerdict(response(status, body), from: "http://collector/v1/traces") {
        case .delivered(let rejected):
            try require((200..<300).contains(status) && rejected >= 0, "\(status): \(rejected) set aside")
        case .again(let after, let failure):
            try require([429, 502, 503, 504].contains(status), "\(status) is sent again")
            try require(!failure.message.isEmpty, "no words")
            if let after { try require(after >= .zero && after <= .seconds(600), "after \(after)") }
        case .refused(let failure):
            try require(!(200..<300).contains(status), "\(status) is a refusal")
            try require(failure.message.utf8.count < 1_000, "\(failure.message.utf8.count) bytes of words")
        }
    }

    /// `Retry-After` and `Date`, a line each.
    private static func pauses(_ bytes: [UInt8]) throws {
        let lines = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let headers: HTTPHeaders = ["Retry-After": lines[0], "Date": lines.count > 1 ? lines[1] : ""]
        for longest in [Duration.seconds(1), .seconds(300), .seconds(3_600)] {
            try bounded(RetryAfter.wait(headers, now: now, atMost: longest), longest)
        }
        if RetryAfter.wait(headers) != nil {
            try require(RetryAfter.wait(headers, now: now) != nil, "the clock took a wait away")
        }
        for line in lines {
            guard let date = HTTPDate.instant(line), date.microseconds >= -62_135_596_800_000_000 else { continue }
            try require(Instant(text: date.description) == date, "\(date) reads otherwise")
        }
    }

    /// `traceparent`, then an event.
    private static func trace(_ bytes: [UInt8]) throws {
        let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let text = String(decoding: parts[0], as: UTF8.self)
        if let trace = Traceparent(text) {
            try require(trace.description == text && Traceparent(trace.description) == trace, "\(text) reads otherwise")
            // It goes into header fields, events and the store.
            let digits = Array("0123456789abcdef-".utf8)
            try require(
                text.utf8.count == 55 && text.utf8.allSatisfy { digits.contains($0) }, "\(text) is no traceparent")
        }
        let given =
            Traceparent(text)
            ?? Traceparent(
                traceID: "4bf92f3577b34da6a3ce929d0e0e4736", spanID: "00f067aa0ba902b7", isSampled: true)
        guard parts.count == 2, let document = try? EnvelopeScanner.scan(Array(parts[1])) else { return }
        let bearing = document.bearing(given)
        if let own = document.traceparent {
            try require(bearing == document && bearing.traceparent == own, "an event's own trace is changed")
        }
        guard bearing.bytes != document.bytes else { return }
        try require(bearing.traceparent == given, "another trace, or none")
        let again = try? EnvelopeScanner.scan(bearing.bytes)
        try require(again?.envelope == document.envelope, "another event")
    }

    // MARK: Properties

    /// Goes into logs, the store and pages.
    private static func showable(_ text: String) throws {
        try require(text.utf8.count < 16_000, "\(text.utf8.count) bytes of words")
        try require(Array(text.utf8).firstRange(of: Array(secret.utf8)) == nil, "the secret is shown: \(text)")
    }

    private static func bounded(_ wait: Duration?, _ longest: Duration) throws {
        guard let wait else { return }
        try require(wait >= .zero && wait <= longest, "\(wait), and \(longest) at most")
    }
}
