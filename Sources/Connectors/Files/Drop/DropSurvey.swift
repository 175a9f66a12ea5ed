import Canonical
import Contracts
import World

/// What a whole document holds: read once before anything of it is handed in.
struct DropSurvey: Sendable {
    /// What the document is known by: its name and content.
    var digest: UInt64
    var records = 0
    var faultCount = 0
    /// The first faults.
    var faults: [InputFault] = []
    /// The events of a CloudEvents document; empty for other formats, which are read again piece by piece.
    var events: [EventDocument] = []

    var key: FileKey { FileKey(digest: digest) }

    mutating func add(_ new: [InputFault]) {
        faultCount += new.count
        faults += new.prefix(max(0, DropOptions.reportedFaults - faults.count))
    }
}

/// Reads whole documents to see what is in them. Memory is bounded by a piece and a record, for CloudEvents by
/// ``Limits/requestBytes``.
struct DropSurveyor: Sendable {
    let options: FollowOptions
    let drop: DropOptions
    let disk: any Disk
    let now: Instant

    /// Surveys the document at `file` (absolute), called `path` below the incoming folder.
    func survey(_ file: String, path: String, _ status: FileStatus) throws(DiskFailure) -> DropSurvey {
        var hash = ContentHash()
        hash.add(Array(path.utf8) + [0])
        if drop.repeats == .accept { hash.add(Array("\(status.identity) \(status.modified)".utf8) + [0]) }
        if options.format.kind == .cloudevents { return try surveyEvents(file, path, status, hash) }
        var survey = DropSurvey(digest: 0)
        var reader = FormatReader(options.format, record: options.record(for: path))
        var maker = Self.maker(options, path)
        var offset = 0
        while offset < status.size {
            let bytes = try disk.read(file, from: offset, upTo: FollowOptions.chunk)
            if bytes.isEmpty { break }
            offset += bytes.count
            hash.add(bytes)
            count(reader.feed(bytes), &maker, &survey)
        }
        count(reader.finish(), &maker, &survey)
        survey.digest = hash.value
        return survey
    }

    /// Makes the readings of a document's records.
    static func maker(_ options: FollowOptions, _ path: String) -> ReadingMaker {
        ReadingMaker(asset: options.asset, place: path, clock: RecordClock(options.time))
    }

    private func count(_ items: [ParsedItem], _ maker: inout ReadingMaker, _ survey: inout DropSurvey) {
        let made = maker.make(items[...], now: now) { String($0) }
        survey.records += made.readings.count
        survey.add(made.faults)
    }

    private func surveyEvents(
        _ file: String, _ path: String, _ status: FileStatus, _ start: ContentHash
    ) throws(DiskFailure) -> DropSurvey {
        var hash = start
        let limits = options.limits
        var bytes = try disk.read(file, from: 0, upTo: limits.requestBytes + 1)
        hash.add(bytes)
        var survey = DropSurvey(digest: hash.value)
        func fault(_ kind: FailureKind, _ message: String, byte: Int, _ original: ArraySlice<UInt8>) -> InputFault {
            let line = bytes.prefix(byte).count { $0 == 0x0A } + 1
            let origin = Origin(path, line: line, byte: byte)
            return InputFault(
                failure: Failure(kind, "\(origin): \(message)"), origin: origin,
                original: Array(original.prefix(limits.originalBytes)), time: now, factID: nil)
        }
        guard bytes.count <= limits.requestBytes else {
            survey.add([
                fault(
                    FilesFailures.tooLong, "the document is longer than \(limits.requestBytes) bytes", byte: 0,
                    bytes[...])
            ])
            return survey
        }
        // A byte order mark is no JSON; it is replaced by blanks so that offsets stay those of the file.
        if let mark = TextEncoding.mark(bytes), mark.encoding == .utf8 {
            bytes.replaceSubrange(0..<mark.length, with: repeatElement(0x20, count: mark.length))
        }
        var faults: [InputFault] = []
        do {
            let events = try Self.events(bytes, limits) { index, range, reason in
                let message = "element \(index + 1): \(reason.reason)"
                faults.append(fault(FilesFailures.event, message, byte: reason.offset, bytes[range]))
            }
            for event in events {
                if event.bytes.count <= limits.eventBytes {
                    survey.events.append(event)
                } else {
                    let message = "the event \(event.envelope.id) is longer than \(limits.eventBytes) bytes"
                    faults.append(fault(FilesFailures.tooLong, message, byte: 0, event.bytes[...]))
                }
            }
        } catch {
            faults.append(fault(FilesFailures.event, error.reason, byte: error.offset, bytes[...]))
        }
        survey.records = survey.events.count
        survey.add(faults)
        return survey
    }

    /// The events of an array, or the one that stands alone.
    private static func events(
        _ bytes: [UInt8], _ limits: Limits,
        fault: (_ index: Int, _ range: Range<Int>, _ fault: EnvelopeScanner.Fault) -> Void
    ) throws(Broken) -> [EventDocument] {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        let first = bytes.firstIndex { !blanks.contains($0) } ?? bytes.endIndex
        let isAlone = first < bytes.endIndex && bytes[first] == UInt8(ascii: "{")
        // An event that stands alone is stored without the blanks around it.
        let start = isAlone ? first : 0
        let end = isAlone ? (bytes.lastIndex { !blanks.contains($0) } ?? first) + 1 : bytes.count
        do {
            if isAlone { return [try EnvelopeScanner.scan(Array(bytes[start..<end]), maximumDepth: limits.jsonDepth)] }
            return try EnvelopeScanner.scanBatch(
                bytes, maximumEvents: limits.requestBytes / 64, maximumDepth: limits.jsonDepth, fault: fault)
        } catch {
            throw Broken(offset: error.offset + start, reason: error.reason)
        }
    }

    /// Why the document as a whole cannot be read.
    private struct Broken: Error {
        let offset: Int
        let reason: String
    }
}
