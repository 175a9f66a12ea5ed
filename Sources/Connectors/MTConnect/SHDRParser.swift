import Canonical
import Contracts
import ExactJSON

/// What a stretch of the adapter's bytes meant.
struct SHDROutput: Sendable {
    var readings: [Reading] = []
    var faults: [InputFault] = []
    /// The interval that the adapter's `* PONG` names.
    var heartbeat: Duration?
}

/// How an adapter's lines are to be read.
struct SHDRRules: Sendable {
    var model = SHDRModel()
    /// The asset of keys without a device.
    var asset: AssetID
    /// Assets by the device that stands before a key.
    var devices: [String: AssetID] = [:]
    /// Bytes that are no UTF-8 are ISO 8859-1.
    var isLatin1 = false
    /// Times are the node's own.
    var ignoresTimes = false
    /// A value equal to the last one of its key is passed over.
    var dropsRepeats = false
    var limits = Limits()
    /// Keys that are remembered, for repeats and for the end of the connection; further ones are read and not
    /// remembered.
    var rememberedKeys = 50_000
}

/// Reads the lines of an MTConnect adapter (SHDR, as the MTConnect agent 2.x takes it): bytes in, readings and faults
/// out.
///
/// One value lives as long as one connection. It performs no input and output and has no clock: "now" comes in.
struct SHDRParser: Sendable {
    /// What a key said last.
    struct ItemKey: Hashable, Sendable {
        let asset: AssetID
        let name: String
    }

    private struct Known: Sendable {
        var isAvailable: Bool
        /// The last plain value, where repeats are dropped and it is short enough to be worth it.
        var text: String?
    }

    /// Bytes of a value that is remembered to tell repeats.
    private static let rememberedBytes = 1_024

    let rules: SHDRRules
    private let place: String
    private var framer: SHDRFramer
    private var times = SHDRTime()
    private var body: SHDRBody?
    private(set) var lineNumber = 0
    /// The device that `* device:` named, for keys without one.
    private var device: AssetID?
    private var isDeviceUnknown = false
    private var items: [ItemKey: Known] = [:]

    init(_ rules: SHDRRules, place: String) {
        self.rules = rules
        self.place = place
        framer = SHDRFramer(maximum: rules.limits.lineBytes, kept: rules.limits.originalBytes)
    }

    /// Takes the next bytes of the connection, cut anywhere.
    mutating func take(_ bytes: [UInt8], now: Instant) -> SHDROutput {
        var pieces: [SHDRFramer.Piece] = []
        framer.take(bytes) { pieces.append($0) }
        var output = SHDROutput()
        for piece in pieces {
            lineNumber += 1
            switch piece {
            case .line(let line): take(line: line, now, &output)
            case .overlong(let beginning):
                body = nil
                fault(
                    SHDRFailures.tooLong, "the line has more than \(rules.limits.lineBytes) bytes", beginning[...], now,
                    &output)
            }
        }
        return output
    }

    /// The connection ended: reports a half line, and every known item as unavailable.
    mutating func end(now: Instant) -> SHDROutput {
        var output = SHDROutput()
        var rest = framer.end()
        if let open = body { rest = open.bytes + rest }
        body = nil
        if !rest.isEmpty {
            lineNumber += 1
            fault(SHDRFailures.halfLine, "the connection ended within a line", rest[...], now, &output)
        }
        for key in knownItems where items[key]?.isAvailable == true {
            output.readings.append(
                Reading(
                    asset: key.asset, name: key.name, value: .unavailable, time: now,
                    origin: Origin(place, line: lineNumber, tag: key.name)))
            items[key] = Known(isAvailable: false)
        }
        return output
    }

    private mutating func take(line: ArraySlice<UInt8>, _ now: Instant, _ output: inout SHDROutput) {
        if body != nil { return takeBody(line, now, &output) }
        guard let text = decoded(line) else {
            return fault(SHDRFailures.notText, "the line is no UTF-8", line, now, &output)
        }
        var start = text.startIndex
        while start < text.endIndex, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
        guard start < text.endIndex else { return }
        if text[start] == UInt8(ascii: "*") { return command(text[(start + 1)...], line, now, &output) }
        if let opened = SHDRBody(line: text, limits: rules.limits) {
            body = opened
            return
        }
        observe(SHDRLine.fields(of: text), line, now, &output)
    }

    /// The line as UTF-8; nil where it is not in the stated encoding.
    private func decoded(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if line.allSatisfy({ $0 < 0x80 }) { return line }
        if rules.isLatin1 {
            return line.flatMap { $0 < 0x80 ? [$0] : [0xC0 | $0 >> 6, 0x80 | $0 & 0x3F] }[...]
        }
        return String(validating: line, as: UTF8.self) == nil ? nil : line
    }

    /// One more line behind `--multiline--`. A part in a wrong encoding is seen when the whole is there.
    private mutating func takeBody(_ line: ArraySlice<UInt8>, _ now: Instant, _ output: inout SHDROutput) {
        let text = decoded(line) ?? line
        switch body?.take(text) {
        case .complete(let header, let text):
            let original = body?.bytes ?? []
            body = nil
            guard String(validating: text, as: UTF8.self) != nil else {
                return fault(
                    SHDRFailures.notText, "the lines behind --multiline-- are no UTF-8", original[...], now, &output)
            }
            observe(header + [String(decoding: text, as: UTF8.self)], original[...], now, &output)
        case .overflowed(let beginning):
            fault(
                SHDRFailures.tooLong, "the lines behind --multiline-- have more than \(rules.limits.lineBytes) bytes",
                beginning[...], now, &output)
        case .abandoned:
            body = nil
            take(line: line, now, &output)
        case .closed: body = nil
        case .more, nil: break
        }
    }

    /// `* PONG 10000`, `* device: name`, `* key: value` (MTConnect agent, adapter commands).
    private mutating func command(
        _ text: ArraySlice<UInt8>, _ line: ArraySlice<UInt8>, _ now: Instant, _ output: inout SHDROutput
    ) {
        let words = String(decoding: text, as: UTF8.self)
        let parts = words.split(separator: " ", omittingEmptySubsequences: true)
        if parts.first == "PONG" {
            if parts.count > 1, let milliseconds = Int(parts[1]), milliseconds > 0, milliseconds <= 86_400_000 {
                output.heartbeat = .milliseconds(milliseconds)
            }
            return
        }
        // Other words behind the star are remarks.
        guard let colon = words.firstIndex(of: ":") else { return }
        let name = words[..<colon].trimmed
        let value = words[words.index(after: colon)...].trimmed
        guard !name.isEmpty else { return }
        if name == "device" {
            // Lines without a device belong to the one named last, or to nobody where that has no asset.
            isDeviceUnknown = rules.devices[value] == nil && !rules.devices.isEmpty
            guard let asset = rules.devices[value] else {
                return fault(
                    SHDRFailures.unknownDevice, "the device \"\(value.excerpt)\" has no asset", line, now, &output,
                    cause: value)
            }
            device = asset
            return
        }
        add(
            "*\(name)", value == "UNAVAILABLE" ? .unavailable : .value(value), rules.asset, (now, original(line)),
            &output)
    }

    private mutating func observe(
        _ fields: [String], _ line: ArraySlice<UInt8>, _ now: Instant, _ output: inout SHDROutput
    ) {
        guard let read = times.read(fields[0], now: now) else {
            return fault(
                SHDRFailures.badTime, "\"\(fields[0].excerpt)\" is no time", line, now, &output)
        }
        let time = rules.ignoresTimes ? now : read.time
        guard fields.count > 1 else { return }
        // All readings and faults of a line share one copy of it.
        var faults = LineFaults(origin: Origin(place, line: lineNumber), original: original(line), time: now)
        defer { output.faults += faults.all }
        let isCut = fields.count > SHDRLine.maximumFields
        if isCut {
            faults.add(
                SHDRFailures.tooLong,
                "the line has more than \(SHDRLine.maximumFields) fields, and those behind them were passed over",
                cause: "fields")
        }
        if fields[1].hasPrefix("@") {
            // Half a document is none.
            if !isCut { asset(fields, time, &faults, &output) }
            return
        }
        let kept = isCut ? Array(fields.prefix(SHDRLine.maximumFields)) : fields
        takeItems(kept, isCut: isCut, time, &faults, &output)
    }

    /// The keys of a line and their values. Of a line that was cut the last item may lack some of its fields: it is
    /// passed over with what is behind it.
    private mutating func takeItems(
        _ fields: [String], isCut: Bool, _ time: Instant, _ faults: inout LineFaults, _ output: inout SHDROutput
    ) {
        let said = (time: time, original: faults.original)
        var index = 1
        while index < fields.count {
            let key = fields[index]
            index += 1
            // Adapters end lines with a pipe; an empty key with a value is lost data.
            if index == fields.count, isCut || key.isEmpty { return }
            if key.isEmpty {
                faults.add(
                    SHDRFailures.missingFields, "the value \"\(fields[index].excerpt)\" has no key", cause: "")
                index += 1
                continue
            }
            guard index < fields.count else {
                return faults.add(SHDRFailures.missingFields, "the key \(key.excerpt) has no value", cause: key)
            }
            guard let (asset, name) = resolve(key) else {
                let width = rules.model.kind(of: key, fields, at: index, isFirst: index == 2).width
                // One device that is missing in the settings is one cause, however many keys it has.
                faults.add(
                    SHDRFailures.unknownDevice, "the device of \(key.excerpt) has no asset",
                    cause: key.firstIndex(of: ":").map { String(key[..<$0]) } ?? "")
                index += width
                continue
            }
            let kind = rules.model.kind(of: name, fields, at: index, isFirst: index == 2)
            if isCut, index + kind.width > fields.count { return }
            let values = fields[index..<min(index + kind.width, fields.count)]
            index += kind.width
            switch SHDRValue.read(kind, values) {
            case .success(let value): add(name, value, asset, said, &output)
            case .failure(let problem): faults.add(problem.kind, "\(name.excerpt): \(problem.words)", cause: key)
            }
        }
    }

    /// The asset and the plain name of `device:key`. A colon in a key of no known device belongs to the key where no
    /// devices are stated.
    private func resolve(_ key: String) -> (AssetID, String)? {
        guard let colon = key.firstIndex(of: ":"), !rules.devices.isEmpty else {
            return isDeviceUnknown ? nil : (device ?? rules.asset, key)
        }
        guard let asset = rules.devices[String(key[..<colon])] else { return nil }
        return (asset, String(key[key.index(after: colon)...]))
    }

    private mutating func add(
        _ name: String, _ value: SHDRValue, _ asset: AssetID, _ said: (time: Instant, original: [UInt8]),
        _ output: inout SHDROutput
    ) {
        let key = ItemKey(asset: asset, name: name)
        let json = value.json
        // Conditions of one key stand beside each other, so only plain values can be repeats.
        if rules.dropsRepeats, let last = items[key] {
            if case .value(let text) = value, last.isAvailable, last.text == text { return }
            if case .unavailable = value, !last.isAvailable { return }
        }
        remember(key, value)
        output.readings.append(
            Reading(
                asset: asset, name: name, value: json.map { .value($0) } ?? .unavailable, time: said.time,
                origin: Origin(place, line: lineNumber, tag: name), original: said.original))
    }

    private mutating func remember(_ key: ItemKey, _ value: SHDRValue) {
        var known = Known(isAvailable: value != .unavailable)
        if case .value(let text) = value, rules.dropsRepeats, text.utf8.count <= Self.rememberedBytes {
            known.text = text
        }
        if items.count < rules.rememberedKeys || items[key] != nil { items[key] = known }
    }

    /// The items that the adapter named since the connection stands, sorted.
    var knownItems: [ItemKey] { items.keys.sorted { ($0.asset, $0.name) < ($1.asset, $1.name) } }

    /// How many there are.
    var knownCount: Int { items.count }

    private func asset(
        _ fields: [String], _ time: Instant, _ faults: inout LineFaults, _ output: inout SHDROutput
    ) {
        guard let (kind, record) = SHDRAsset.read(fields) else {
            return faults.add(
                SHDRFailures.badAsset, "\(fields[1].excerpt) lacks its id, type or document", cause: nil)
        }
        output.readings.append(
            Reading(
                asset: device ?? rules.asset, name: kind, value: .record(record), time: time,
                origin: Origin(place, line: lineNumber, tag: fields[1]), original: faults.original))
    }

    private func original(_ line: ArraySlice<UInt8>) -> [UInt8] { Array(line.prefix(rules.limits.originalBytes)) }

    /// A fault of a whole line.
    private func fault(
        _ kind: FailureKind, _ words: String, _ line: ArraySlice<UInt8>, _ now: Instant, _ output: inout SHDROutput,
        cause: String? = nil
    ) {
        var faults = LineFaults(origin: Origin(place, line: lineNumber), original: original(line), time: now)
        faults.add(kind, words, cause: cause)
        output.faults += faults.all
    }
}

extension Substring {
    /// Without the spaces and tabs around it.
    fileprivate var trimmed: String {
        var part = self
        while let first = part.utf8.first, first == 0x20 || first == 0x09 { part = part.dropFirst() }
        while let last = part.utf8.last, last == 0x20 || last == 0x09 { part = part.dropLast() }
        return String(part)
    }
}
