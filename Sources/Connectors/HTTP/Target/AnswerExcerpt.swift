import ExactJSON
import NodeSecurity
import World

/// What people are shown of an answer: its beginning, on one line, without any secret. Pure.
struct AnswerExcerpt: Sendable {
    /// Characters of it.
    static let maximum = 400

    /// What must never be shown, the longest first: receivers like to repeat what they were sent.
    private let secrets: [String]

    init(secrets: [String]) {
        // As JSON, and addresses, would repeat them.
        let written = secrets.flatMap { [$0, $0.replacing("/", with: "\\/"), PercentCoding.encode($0)] }
        self.secrets = Set(written).filter { $0.count >= 4 }.sorted { ($1.count, $0) < ($0.count, $1) }
    }

    /// `text` with every secret replaced.
    func clean(_ text: String) -> String { SecretMask.hide(secrets, in: text) }

    /// What the answer says; empty where it has no text.
    func words(_ response: HTTPResponse) -> String {
        // Secrets are looked for before anything is cut, or the beginning of one could be left.
        let whole = clean(String(decoding: response.body.prefix(64 << 10), as: UTF8.self))
        let text = problem(response) ?? whole
        let line = text.unicodeScalars.prefix(Self.maximum * 4).map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: " "
            default: Character(scalar)
            }
        }
        let short = String(line).split(separator: " ").joined(separator: " ")
        return short.count > Self.maximum ? short.prefix(Self.maximum - 1) + "…" : short
    }

    /// Title and detail of a problem document (RFC 9457).
    private func problem(_ response: HTTPResponse) -> String? {
        guard response.headers["content-type"]?.lowercased().hasPrefix("application/problem+json") == true,
            let body = try? JSONReader.read(response.body, maximumDepth: HTTPVerdict.maximumDepth)
        else { return nil }
        let parts = [body["title"]?.string, body["detail"]?.string].compactMap { $0 }
        return parts.isEmpty ? nil : clean(parts.joined(separator: ": "))
    }
}
