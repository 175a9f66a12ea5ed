import Canonical
import Foundation

/// Lines that an MTConnect adapter sent, with their times, and what they say was made.
struct SHDRRecording: Sendable {
    /// One connection of the adapter: it begins with a snapshot of all items.
    struct Session: Sendable {
        var lines: [String]
    }

    let sessions: [Session]
    /// Pieces that the part counter counted, by this type's own reading.
    let pieces: Int
    /// Scrapped pieces, minutes down and maintenance requests that the lines tell of.
    let scrap: Int
    let stops: Int
    let requests: Int

    /// Reads a log of lines; a new session begins where `avail` is said again.
    init(file: String) throws {
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
        var sessions: [Session] = []
        var pieces = 0
        var last: Int?
        for line in text.split(whereSeparator: \.isNewline).map(String.init) {
            if line.contains("|avail|") || sessions.isEmpty {
                sessions.append(Session(lines: []))
                last = nil
            }
            sessions[sessions.count - 1].lines.append(line)
            if let count = Self.counter(in: line) {
                if let last, count > last { pieces += count - last }
                last = count
            }
        }
        self.sessions = sessions
        self.pieces = pieces
        scrap = 0
        stops = 0
        requests = 0
    }

    private init(sessions: [Session], pieces: Int, scrap: Int, stops: Int, requests: Int) {
        self.sessions = sessions
        self.pieces = pieces
        self.scrap = scrap
        self.stops = stops
        self.requests = requests
    }

    /// The value of `ppartcount` in a line of keys and values.
    private static func counter(in line: String) -> Int? {
        let fields = line.split(separator: "|", omittingEmptySubsequences: false)
        for index in stride(from: 1, to: fields.count - 1, by: 2) where fields[index] == "ppartcount" {
            return Int(fields[index + 1])
        }
        return nil
    }

    /// A turning machine that makes `parts`, scraps every 9th, stops every 12th time and once asks for maintenance.
    static func turningMachine(seed: UInt64, parts: Int, start: Int) -> SHDRRecording {
        var second = start
        var lines = [line(second, "avail|AVAILABLE|ppartcount|0|pexecution|READY|pscrap|0|pscrapreason|")]
        var scrap = 0
        var stops = 0
        var requests = 0
        for part in 1...max(1, parts) {
            second += 5
            lines.append(line(second, "pexecution|ACTIVE"))
            second += 50
            lines.append(line(second, "ppartcount|\(part)"))
            if part % 9 == 0 {
                scrap += 1
                lines.append(line(second, "pscrapreason|TOOL-WEAR|pscrap|\(scrap)"))
            }
            if part % 12 == 0 {
                stops += 1
                lines.append(line(second + 1, "pexecution|STOPPED"))
                second += 420
                lines.append(line(second, "pexecution|ACTIVE"))
            }
            if part == 20 {
                requests += 1
                lines.append(line(second, "system_cond|FAULT|HYD-07|||Hydraulic pressure low"))
                second += 30
                lines.append(line(second, "system_cond|NORMAL||||"))
            }
        }
        lines.append(line(second + 10, "pexecution|READY"))
        return SHDRRecording(
            sessions: [Session(lines: lines)], pieces: max(1, parts), scrap: scrap, stops: stops, requests: requests)
    }

    private static func line(_ second: Int, _ text: String) -> String {
        "\(Instant(microseconds: Int64(second) * 1_000_000))|\(text)"
    }
}
