import Canonical
import Contracts

/// Reads the settings of a files source into what its parts need, and finds what cannot work together.
struct FilesSettings: Sendable {
    private typealias F = FilesFields

    let follow: FollowOptions
    /// Nil in the mode `follow`.
    let drop: DropOptions?

    init(
        name: SourceName, settings: Settings, plantZone: String, defaultAsset: AssetID, limits: Limits
    ) throws(SettingFault) {
        let folder = try settings(F.folder)
        let formatSettings = try settings(F.format)
        let format = try Self.format(formatSettings, settings, limits)
        let mode = try folder(F.mode)
        if format.kind == .cloudevents, mode == "follow" {
            throw SettingFault(
                location: formatSettings.locations["kind"] ?? formatSettings.location,
                reason: "kind: cloudevents is for whole documents",
                suggestion: "set mode: drop under folder, or kind: jsonlines")
        }
        let patternText = try folder(F.pattern)
        guard let pattern = GlobPattern(patternText) else {
            throw SettingFault(
                location: folder.locations["pattern"] ?? folder.location,
                reason: "pattern stands for more than \(GlobPattern.maximumAlternatives) patterns",
                suggestion: "write fewer alternatives in braces")
        }
        let zoneName = try settings.optional(F.zone) ?? plantZone
        guard let zone = PlantZone(zoneName) else {
            throw SettingFault(
                location: settings.locations["zone"] ?? settings.location, reason: "there is no time zone \(zoneName)",
                suggestion: "use an IANA name, such as Europe/Paris")
        }
        var root = try folder(F.path)
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        follow = FollowOptions(
            source: name, asset: defaultAsset, root: root, pattern: pattern, format: format,
            time: try Self.time(formatSettings, format, zone), poll: try settings(F.poll), quiet: try settings(F.quiet),
            truncation: FollowOptions.Truncation(rawValue: try settings(F.truncation)) ?? .report,
            ignoreOlder: try settings.optional(F.ignoreOlder), maximumFiles: try settings(F.files), limits: limits)
        drop = mode == "drop" ? try DropOptions(settings.optional(F.drop)) : nil
    }

    private static func format(
        _ settings: Settings, _ top: Settings, _ limits: Limits
    ) throws(SettingFault) -> FormatOptions {
        var format = FormatOptions(kind: FormatOptions.Kind(rawValue: try settings(F.kind)) ?? .sections)
        format.encoding = TextEncoding(rawValue: try top(F.encoding)) ?? .utf8
        format.attach = Set(try settings.optional(F.attach) ?? [])
        switch try settings(F.end) {
        case "blank": format.end = .blank
        case "header": format.end = .header
        case let marker: format.end = .marker(String(marker.trimmed))
        }
        format.comment = try settings.optional(F.comment).flatMap { $0.isEmpty ? nil : $0 }
        format.columns = try settings.optional(F.columns)
        format.hasHeader = try settings.optional(F.header).map { $0 == "first-line" } ?? (format.columns == nil)
        format.skip = try settings(F.skip)
        format.record = try settings.optional(F.record)
        format.recordField = try settings.optional(F.recordField)
        format.maximum = try top(F.maximum)
        format.originalMaximum = limits.originalBytes
        format.depth = limits.jsonDepth
        format.delimiter = format.kind == .tsv ? 0x09 : UInt8(ascii: ",")
        if let text = try settings.optional(F.delimiter) {
            format.delimiter = try character(text, "delimiter", ["tab": 0x09, "\\t": 0x09], settings)
        }
        let quote = try settings(F.quote)
        format.quote = quote == "none" ? nil : try character(quote, "quote", [:], settings)
        if format.quote == format.delimiter {
            throw SettingFault(
                location: settings.location, reason: "quote and delimiter are the same character",
                suggestion: "set quote: none")
        }
        if let columns = format.columns, Set(columns).count < columns.count {
            throw SettingFault(
                location: settings.locations["columns"] ?? settings.location, reason: "columns has a name twice",
                suggestion: "give each column a name of its own")
        }
        return format
    }

    private static func character(
        _ text: String, _ name: String, _ words: [String: UInt8], _ settings: Settings
    ) throws(SettingFault) -> UInt8 {
        if let byte = words[text.lowercased()] { return byte }
        if text.utf8.count == 1, let byte = text.utf8.first, byte != 0x0A, byte != 0x0D, byte != 0 { return byte }
        throw SettingFault(
            location: settings.locations[name] ?? settings.location,
            reason: "\(name) is \"\(text)\", which is no single ASCII character",
            suggestion: name == "delimiter"
                ? "write one character such as \";\", or tab" : "write one character such as \"'\", or none")
    }

    private static func time(
        _ settings: Settings, _ format: FormatOptions, _ zone: PlantZone
    ) throws(SettingFault) -> RecordClock.Options {
        let pattern = try settings.optional(F.time)
        let epoch = try settings.optional(F.epoch)
        var fields = try settings.optional(F.timeField) ?? []
        let location = settings.locations["time"] ?? settings.locations["epoch"] ?? settings.location
        if pattern != nil, epoch != nil {
            throw SettingFault(
                location: location, reason: "time and epoch exclude each other", suggestion: "remove one of them")
        }
        if fields.isEmpty, pattern != nil || epoch != nil {
            switch format.kind {
            case .sections: fields = ["DateTimeStamp"]
            case .jsonlines, .cloudevents: fields = ["time"]
            case .csv, .tsv:
                throw SettingFault(
                    location: location, reason: "timeField is missing",
                    suggestion: "name the column that holds the time, or [Date, Time] for two")
            }
        }
        if let columns = format.columns, let missing = fields.first(where: { !columns.contains($0) }) {
            throw SettingFault(
                location: settings.locations["timeField"] ?? location,
                reason: "timeField names \(missing), which is not among the columns",
                suggestion: "the columns are \(columns.joined(separator: ", "))")
        }
        return RecordClock.Options(form: try form(pattern, epoch, location), fields: fields, zone: zone)
    }

    private static func form(
        _ pattern: String?, _ epoch: String?, _ location: SettingLocation
    ) throws(SettingFault) -> RecordClock.Options.Form {
        if let pattern {
            do {
                return .pattern(try TimePattern(pattern))
            } catch {
                throw SettingFault(
                    location: location, reason: "time is \"\(pattern)\", which \(error.reason)",
                    suggestion: error.suggestion)
            }
        }
        switch epoch {
        case "seconds": return .epoch(perSecond: 1)
        case "milliseconds": return .epoch(perSecond: 1_000)
        case "microseconds": return .epoch(perSecond: 1_000_000)
        default: return .standard
        }
    }
}
