import Contracts
import ExactJSON
import World

@testable import Canonical
@testable import HTTPConnector

/// A request with events: header fields up to a line without a colon, then the body. Whatever comes is taken or
/// refused, each refusal has its place and words, and the answer is JSON.
enum EventsInput {
    private static let limits: Limits = {
        var limits = Limits()
        limits.eventBytes = 2_048
        limits.batchEvents = 32
        return limits
    }()

    static func check(_ input: [UInt8]) throws {
        let request = request(of: input)
        _ = request.query
        guard let mode = RequestReading.mode(of: request) else { return }
        let reading = RequestReading(request, mode: mode, limits: limits)
        for refusal in reading.refusals {
            // In binary mode the place is in the document that was made of the request, which is what is kept.
            let end = mode == .binary ? refusal.original.count : request.body.count
            try require((0...end).contains(refusal.offset), "byte \(refusal.offset) of \(end)")
            try require(!refusal.failure.message.isEmpty, "a refusal without words")
            // It goes into a log line, an answer and the store.
            try require(
                refusal.failure.message.utf8.count < 2_000, "\(refusal.failure.message.utf8.count) bytes of words")
        }
        for document in reading.documents {
            guard let event = try? JSONReader.read(document.bytes) else { continue }
            try require(event["id"]?.string == document.envelope.id, "another id")
        }
        if reading.isUnreadable {
            try require(reading.documents.isEmpty, "unreadable, and events were taken")
            try isJSON(HTTPAnswer.unreadable(reading.refusals))
        } else {
            try isJSON(HTTPAnswer.taken(IntakeReceipt(stored: reading.documents.count), reading.refusals))
        }
    }

    private static func request(of input: [UInt8]) -> HTTPRequest {
        var fields: [(name: String, value: String)] = []
        var rest = input[...]
        while let end = rest.firstIndex(of: 0x0A) {
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { break }
            fields.append(
                (String(decoding: line[..<colon], as: UTF8.self), String(decoding: line[(colon + 1)...], as: UTF8.self))
            )
        }
        return HTTPRequest(
            method: "POST", target: "/v1/events?\(fields.first?.value ?? "")", headers: HTTPHeaders(fields),
            body: Array(rest))
    }

    private static func isJSON(_ answer: HTTPResponse) throws {
        try require((try? JSONReader.read(answer.body)) != nil, "the answer is no JSON")
    }
}
