import Canonical
import Contracts
import ExactJSON
import World

/// Reads one request into events and faults: a pure decision over its headers and bytes.
struct RequestReading {
    /// An event that is set aside: which one of the request, at which byte of the body (in binary mode: of the document
    /// that was made of it, which is the original), and why.
    struct Refusal {
        let index: Int
        let offset: Int
        let failure: Failure
        let original: [UInt8]
    }

    private(set) var documents: [EventDocument] = []
    /// Where each document stands in the request.
    private(set) var places: [Int] = []
    private(set) var refusals: [Refusal] = []
    /// The body as a whole cannot be read: nothing of it is taken, and it is answered 400.
    private(set) var isUnreadable = false

    /// All that was set aside, once the intake has set aside what does not fit a schema of the user's own.
    func refusals(with receipt: IntakeReceipt) -> [Refusal] {
        let more = receipt.refused.filter { documents.indices.contains($0.index) }.map {
            Refusal(
                index: places[$0.index], offset: 0, failure: $0.failure, original: documents[$0.index].bytes)
        }
        return more.isEmpty ? refusals : (refusals + more).sorted { $0.index < $1.index }
    }

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

    init(_ request: HTTPRequest, mode: Mode, limits: Limits, plants: Set<String> = []) {
        self.limits = limits
        check = EventCheck(limits: limits, plants: plants)
        switch mode {
        case .batched: readBatch(request.body)
        case .structured: readOne(request.body)
        case .binary: readBinary(request)
        }
    }

    private mutating func readBinary(_ request: HTTPRequest) {
        do throws(BinaryMode.Fault) {
            readOne(try BinaryMode.document(request, maximumDepth: limits.jsonDepth))
        } catch {
            switch error {
            case .header(let reason): refuseAll(request.body, HTTPFailures.header, reason, offset: 0)
            case .body(let syntax):
                refuseAll(request.body, HTTPFailures.notJSON, syntax.description, offset: syntax.offset)
            }
        }
    }

    private mutating func readOne(_ bytes: [UInt8]) {
        do {
            take(try EnvelopeScanner.scan(bytes, maximumDepth: limits.jsonDepth), index: 0, offset: 0)
        } catch {
            refuseUnscanned(bytes, error)
        }
    }

    private mutating func readBatch(_ bytes: [UInt8]) {
        var broken: [Int: (range: Range<Int>, reason: String)] = [:]
        do {
            let found = try EnvelopeScanner.scanBatch(
                bytes, maximumEvents: limits.batchEvents, maximumDepth: limits.jsonDepth
            ) {
                broken[$0] = ($1, "\($2.reason) (byte \($2.offset))")
            }
            var next = found.makeIterator()
            var end = 0
            for index in 0..<(found.count + broken.count) {
                // Between two elements stand white space, a comma and, before the first, the opening bracket.
                let start = bytes[end...].firstIndex(of: UInt8(ascii: "{")) ?? end
                if let fault = broken[index] {
                    refuse(
                        index, fault.range.lowerBound, HTTPFailures.notEvent, fault.reason, Array(bytes[fault.range]))
                    end = fault.range.upperBound
                } else if let document = next.next() {
                    take(document, index: index, offset: start)
                    end = start + document.bytes.count
                }
            }
        } catch {
            documents = []
            places = []
            refusals = []
            refuseUnscanned(bytes, error)
        }
    }

    private mutating func take(_ document: EventDocument, index: Int, offset: Int) {
        if let finding = check.finding(in: document) {
            refuse(index, offset, finding.kind, finding.message, document.bytes)
        } else {
            documents.append(document)
            places.append(index)
        }
    }

    /// Tells JSON that holds no events from what is no JSON.
    private mutating func refuseUnscanned(_ bytes: [UInt8], _ fault: EnvelopeScanner.Fault) {
        do {
            _ = try JSONReader.read(bytes, maximumDepth: limits.jsonDepth)
            refuseAll(bytes, HTTPFailures.notEvent, fault.description, offset: fault.offset)
        } catch {
            refuseAll(bytes, HTTPFailures.notJSON, error.description, offset: error.offset)
        }
    }

    private mutating func refuse(
        _ index: Int, _ offset: Int, _ kind: FailureKind, _ message: String, _ original: [UInt8]
    ) {
        refusals.append(Refusal(index: index, offset: offset, failure: Failure(kind, message), original: original))
    }

    private mutating func refuseAll(_ body: [UInt8], _ kind: FailureKind, _ message: String, offset: Int) {
        isUnreadable = true
        refuse(0, offset, kind, message, body)
    }
}
