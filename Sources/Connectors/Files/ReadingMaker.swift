import Canonical
import Contracts
import ExactJSON

/// Makes readings and faults of what a parser found in one file. What it remembers is the file's clock.
struct ReadingMaker: Sendable {
    let asset: AssetID
    /// The path below the source's folder.
    var place: String
    var clock: RecordClock

    /// Readings and faults, in the order in which they were found.
    struct Made: Sendable {
        var readings: [Reading] = []
        var faults: [InputFault] = []
    }

    /// `fact` names the fact that begins at an offset.
    mutating func make(_ items: ArraySlice<ParsedItem>, now: Instant, fact: (Int) -> String) -> Made {
        var made = Made()
        for item in items {
            let factID = fact(item.start)
            switch item.content {
            case .fault(let fault): made.faults.append(self.fault(fault, item, factID, now))
            case .record(let kind, var fields):
                do {
                    let resolved = try clock.time(of: fields, now: now)
                    if let note = resolved.note { fields["timeNote"] = .string(note) }
                    made.readings.append(
                        Reading(
                            asset: asset, name: kind, value: .record(fields), time: resolved.time, factID: factID,
                            origin: Origin(place, line: item.line, byte: item.start), original: item.original))
                } catch {
                    let text = clock.text(in: fields) ?? ""
                    let fault = ParseFault(
                        kind: FilesFailures.time, message: "the time of \(kind) is \"\(text.brief)\": \(error.reason)",
                        byte: item.start, line: item.line)
                    made.faults.append(self.fault(fault, item, factID, now))
                }
            }
        }
        return made
    }

    private func fault(_ fault: ParseFault, _ item: ParsedItem, _ factID: String, _ now: Instant) -> InputFault {
        let origin = Origin(place, line: fault.line ?? item.line, byte: fault.byte ?? item.start)
        return InputFault(
            failure: Failure(fault.kind, "\(origin): \(fault.message)"), origin: origin, original: item.original,
            time: now,
            factID: factID)
    }
}
