import Canonical
import Contracts

/// The lines behind a field `--multiline--TAG`, up to the line that is that text again (MTConnect agent, SHDR).
struct SHDRBody: Sendable {
    /// What one more line meant.
    enum Step {
        case more
        /// The fields before the body, and the body with LF between its lines.
        case complete(header: [String], text: [UInt8])
        /// More than the limit: reported once with the beginning; the rest is passed over.
        case overflowed([UInt8])
        /// The end of a body that was reported as too long.
        case closed
        /// The end never came, and this line begins a new observation.
        case abandoned
    }

    private static let mark = Array("--multiline--".utf8)

    private let header: [String]
    private let terminator: [UInt8]
    private let limits: Limits
    private var text: [UInt8] = []
    private var hasOverflowed = false
    /// Everything since the opening line, at most ``Limits/originalBytes``.
    private(set) var bytes: [UInt8]

    /// Nil where the line's last field opens no body.
    init?(line: ArraySlice<UInt8>, limits: Limits) {
        guard let pipe = line.lastIndex(of: UInt8(ascii: "|")) else { return nil }
        var field = line[(pipe + 1)...]
        while field.first == 0x20 { field = field.dropFirst() }
        while field.last == 0x20 { field = field.dropLast() }
        guard field.starts(with: Self.mark) else { return nil }
        terminator = Array(field)
        header = SHDRLine.fields(of: line[..<pipe])
        self.limits = limits
        bytes = Array(line.prefix(limits.originalBytes)) + [0x0A]
    }

    /// Takes one more line.
    mutating func take(_ line: ArraySlice<UInt8>) -> Step {
        if line.starts(with: terminator) {
            return hasOverflowed ? .closed : .complete(header: header, text: text)
        }
        if hasOverflowed { return Self.beginsObservation(line) ? .abandoned : .more }
        if text.count + line.count + 1 > limits.lineBytes {
            hasOverflowed = true
            text = []
            return .overflowed(Array(bytes.prefix(limits.originalBytes)))
        }
        if !text.isEmpty { text.append(0x0A) }
        text.append(contentsOf: line)
        if bytes.count < limits.originalBytes { bytes += line.prefix(limits.originalBytes - bytes.count) + [0x0A] }
        return .more
    }

    /// Whether the line begins with a time and a pipe, which no document does.
    private static func beginsObservation(_ line: ArraySlice<UInt8>) -> Bool {
        guard let pipe = line.prefix(64).firstIndex(of: UInt8(ascii: "|")) else { return false }
        return Instant(text: String(decoding: line[..<pipe], as: UTF8.self)) != nil
    }
}
