import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import HTTPConnector

/// Whatever commands and answers hold. Each run has a seed, which a failure prints.
@Suite("properties of the HTTP target")
struct TargetPropertyTests {
    /// Text with what hurts: marks of addresses and headers, line ends, other scripts.
    private static func text(_ random: inout Seeded) -> String {
        let pieces = [
            "/", "..", ".", "?", "#", "&", "=", "%", "%2F", "\r\n", "\n", "\0", " ", "+", ";", ":", "@", "\\", "\"",
            "ü",
            "漢", "👩‍🔧", "a", "MO", "1", "-", "_", "~", "\u{7F}", "\u{85}", "\u{2028}",
        ]
        return (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }

    @Test("an address says what the command said, below the endpoint, and nothing else", arguments: 0..<40)
    func addresses(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let maker = try Target.maker()
        let base = "http://mes.example:8080/api"
        var made = 0
        for _ in 0..<50 {
            let segments = (0..<Int.random(in: 0...4, using: &random)).map { _ in Self.text(&random) }
            let names = (0..<Int.random(in: 0...3, using: &random)).map { "\($0)" + Self.text(&random) }
            let query = names.map { ($0, JSON.string(Self.text(&random))) }
            let arguments: JSON = [
                "path": .array(segments.map { .string($0) }),
                "query": .object(JSONObject(query, uniquingKeysWith: { $1 })),
            ]
            let isBad = segments.contains { ["", ".", ".."].contains($0) }
            guard let request = try? maker.request(arguments) else {
                #expect(isBad, "seed \(seed): refused \(arguments)")
                continue
            }
            made += 1
            #expect(!isBad, "seed \(seed): \(request.address)")
            #expect(request.address.hasPrefix(base), "seed \(seed)")
            #expect(request.address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "seed \(seed)")
            let parts = request.address.dropFirst(base.count).split(
                separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let read = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            #expect(read.map { PercentCoding.decode(String($0)) } == segments, "seed \(seed)")
            let pairs = parts.count > 1 ? FormText.decode(parts[1]) : []
            #expect(pairs.map(\.name) == query.map(\.0), "seed \(seed)")
            #expect(pairs.map(\.value) == query.map { $0.1.string }, "seed \(seed)")
        }
        #expect(made > 5)
    }

    @Test("no header field begins another one, and none is set that is the target's own", arguments: 0..<40)
    func headers(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let maker = try Target.maker(["headers": ["X-Own": "1"]])
        for _ in 0..<50 {
            let name = ["X-A", "x-own", "Host", "TE", "idempotency-key", Self.text(&random)].randomElement(
                using: &random)
            let arguments: JSON = ["headers": .object([name ?? "": .string(Self.text(&random))])]
            guard let request = try? maker.request(arguments) else { continue }
            for (name, value) in request.headers {
                #expect(!name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }, "seed \(seed)")
                #expect(value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x09 }, "seed \(seed)")
                #expect(!["host", "te", "idempotency-key"].contains(name.lowercased()), "seed \(seed)")
            }
            #expect(Set(request.headers.map { $0.name.lowercased() }).count == request.headers.count, "seed \(seed)")
        }
    }

    @Test("never doubled: what must not be repeated is put off only where it was surely not done", arguments: 0..<20)
    func verdicts(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let now = Instant(text: "2026-03-02T06:00:00Z") ?? Instant(microseconds: 0)
        for _ in 0..<200 {
            let options = try Target.options()
            let secret = "tok\(random.next())"
            let verdict = HTTPVerdict(
                table: options.table, reference: options.reference, settle: options.settle,
                excerpt: AnswerExcerpt(secrets: [secret]))
            let request = PlannedRequest(method: "POST", address: "http://m/o", headers: [], body: [])
            let status = Int.random(in: 200...599, using: &random)
            let headers: HTTPHeaders = ["Retry-After": Self.text(&random) + "\(random.next() % 9_999)"]
            let response = HTTPResponse.plain(status, Self.text(&random) + secret + Self.text(&random), headers)
            let outcome = verdict.outcome(response, of: request, isRepeatable: false, isKeyed: false, now: now)
            #expect(!outcome.text.contains(secret), "seed \(seed)")
            #expect(!outcome.text.contains("\n"), "seed \(seed)")
            switch outcome {
            case .accepted: #expect((200..<300).contains(status), "seed \(seed): \(status)")
            case .deferred(let deferral):
                #expect(status < 500 || status == 511, "seed \(seed): \(status)")
                if let after = deferral.after { #expect(RetryAfter.bounds.contains(after), "seed \(seed)") }
            case .unknown: #expect(status >= 500, "seed \(seed): \(status)")
            case .rejected: #expect(status >= 400, "seed \(seed): \(status)")
            }
        }
    }
}
