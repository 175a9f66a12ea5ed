import Canonical
import Contracts
import ExactJSON
import World

/// Reads one request into events and faults: a pure decision over its headers and bytes.
struct RequestReading {
    /// An event that is set aside: which one of the request, where its bytes lie in the body, and why.
    struct Refusal {
        let index: Int
        let range: Range<Int>
        let failure: Failure
        let original: [UInt8]
    }

    private(set) var documents: [EventDocument] = []
    private(set) var refusals: [Refusal] = []
    /// The body as a whole cannot be read: nothing of it is taken, and it is answered 400.
    private(set) var isUnreadable = false

    private let limits: Limits
    private let check: EventCheck

    enum Mode: Hashable { case binary, structured, batched }

    /// How the request carries events; nil for a content type that carries none.
    static func mode(of request: HTTPRequest) -> Mode? {
        let media = request.headers["content-type"]?.prefix { $0 != ";" }.lowercased().filter { $0 != " " } ?? ""
        if media == "application/cloudevents-batch+json" { return .batched }
        if media == "application/cloudevents+json" { return .structured }
        if media.hasPrefix("application/cloudevents") { return nil }
        return BinaryMode.isUsed(by: request) ? .binary : nil
    }

    init(_ request: HTTPRequest, mode: Mode, limits: Limits) {
        self.limits = limits
        check = EventCheck(limits: limits)
        switch mode {
        case .batched: readBatch(request.body)
        case .structured: readOne(request.body)
        case .binary:
            do {
                readOne(try BinaryMode.document(request), shown: request.body)
            } catch {
                refuseAll(request.body, HTTPFailures.header, error.reason, offset: nil)
            }
        }
        if refusals.count > 1 { refusals.sort { $0.index < $1.index } }
    }

    private mutating func readOne(_ bytes: [UInt8], shown original: [UInt8]? = nil) {
        do {
            let document = try EnvelopeScanner.scan(bytes, maximumDepth: limits.jsonDepth)
            take(document, index: 0, range: 0..<bytes.count)
        } catch {
            // A document that is JSON and no event is refused like one of a batch; one that is no JSON has no parts.
            do {
                _ = try JSONReader.read(bytes, maximumDepth: limits.jsonDepth)
                refuse(0, 0..<bytes.count, HTTPFailures.notEvent, "\(error.reason)", bytes)
            } catch let syntax {
                refuseAll(original ?? bytes, HTTPFailures.notJSON, syntax.description, offset: syntax.offset)
            }
        }
    }

    private mutating func readBatch(_ bytes: [UInt8]) {
        var broken: [(index: Int, range: Range<Int>, reason: String)] = []
        do {
            let found = try EnvelopeScanner.scanBatch(bytes, maximumEvents: limits.batchEvents, maximumDepth: limits.jsonDepth) {
                broken.append(($0, $1, $2.reason + " (byte \($2.offset))"))
            }
            let brokenIndexes = Set(broken.map(\.index))
            var index = 0
            for document in found {
                while brokenIndexes.contains(index) { index += 1 }
                take(document, index: index, range: 0..<0)
                index += 1
            }
            for fault in broken {
                refuse(fault.index, fault.range, HTTPFailures.notEvent, fault.reason, Array(bytes[fault.range]))
            }
        } catch {
            documents = []
            refusals = []
            refuseAll(bytes, HTTPFailures.notJSON, Self.place(error.reason, error.offset, in: bytes), offset: error.offset)
        }
    }

    private mutating func take(_ document: EventDocument, index: Int, range: Range<Int>) {
        if let finding = check.finding(in: document) {
            refuse(index, range, finding.kind, finding.message, document.bytes)
        } else {
            documents.append(document)
        }
    }

    private mutating func refuse(_ index: Int, _ range: Range<Int>, _ kind: FailureKind, _ message: String, _ original: [UInt8]) {
        refusals.append(Refusal(index: index, range: range, failure: Failure(kind, message), original: original))
    }

    private mutating func refuseAll(_ body: [UInt8], _ kind: FailureKind, _ message: String, offset: Int?) {
        isUnreadable = true
        refusals.append(
            Refusal(index: 0, range: (offset ?? 0)..<body.count.advanced(by: max(0, (offset ?? 0) - body.count)), failure: Failure(kind, message), original: body))
    }

    /// The reason with line and column, as ``JSONSyntaxError`` says them.
    private static func place(_ reason: String, _ offset: Int, in bytes: [UInt8]) -> String {
        let before = bytes.prefix(max(0, offset))
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let column = before.count - ((before.lastIndex(of: 0x0A) ?? -1) + 1) + 1
        return "\(reason) at line \(line), column \(column) (byte \(offset))"
    }
}
