import Canonical
import Contracts
import ExactJSON
import World

extension DropFolder {
    /// Documents that are remembered after they were taken in.
    static let remembered = 10_000

    private static func positionName(_ key: FileKey) -> String { "document:\(key)" }

    /// Takes one document in, or refuses it, and moves it away. False where it changed meanwhile.
    mutating func take(_ path: String, _ status: FileStatus) async throws -> Bool {
        let file = incoming + "/" + path
        let surveyor = DropSurveyor(options: options, drop: drop, disk: disk, now: world.clock.now())
        let survey = try surveyor.survey(file, path: path, status)
        guard try disk.status(file) == status else { return false }
        let stored = try await intake.position(options.source, Self.positionName(survey.key))
        let state = stored?["state"]?.string
        let isRefused = survey.faultCount > 0 && (drop.faults == .refuse || survey.records == 0)
        if state == "taken" {
            try setAside(path, in: done, report: nil)
        } else if isRefused {
            if state != "refused" { try await refuse(path, survey) }
            let report = DropReport(name: path, size: status.size, time: world.clock.now(), survey: survey)
            try setAside(path, in: failed, report: report)
            // Refused documents are not remembered: the same one may come again when the settings were corrected.
            try await submit(
                SourceBatch(
                    source: options.source,
                    positions: [SourcePosition(name: Self.positionName(survey.key), value: .null)]))
        } else {
            guard try await handIn(path, status, survey, stored) else { return false }
            try setAside(path, in: done, report: nil)
        }
        return true
    }

    /// Tells a person that a document was refused, before it is moved; of many, the first ones and how many more.
    private mutating func refuse(_ path: String, _ survey: DropSurvey) async throws {
        let first = survey.faults.first
        let count = survey.faultCount == 1 ? "a fault" : "\(survey.faultCount) faults"
        let failure = Failure(
            FilesFailures.document,
            "\(path) has \(count), and nothing of it was taken in; the first: \(first?.failure.message ?? "")",
            suggestion: "\(FilesFailures.document.remedy) The report beside it lists every fault.")
        let now = world.clock.now()
        let fault = InputFault(
            failure: failure, origin: first?.origin ?? Origin(path), original: first?.original ?? [], time: now,
            factID: "refused:\(survey.key)")
        var batch = SourceBatch(
            source: options.source,
            positions: [SourcePosition(name: Self.positionName(survey.key), value: ["state": "refused"])])
        try await keeper.keep([fault], in: &batch, now: now)
        try await submit(batch)
    }

    /// Hands the document's records in, piece by piece, going on where an earlier run was. False where it changed
    /// meanwhile.
    private mutating func handIn(
        _ path: String, _ status: FileStatus, _ survey: DropSurvey, _ stored: JSON?
    ) async throws -> Bool {
        if options.format.kind == .cloudevents {
            try await handInEvents(survey, from: stored?["events"]?.int ?? 0)
            return true
        }
        let file = incoming + "/" + path
        let key = survey.key
        var maker = DropSurveyor.maker(options, path)
        var reader = FormatReader(options.format, record: options.record(for: path))
        if let position = stored.flatMap({ FilePosition($0, key: key) }) {
            reader = FormatReader(
                options.format, record: options.record(for: path), from: position.point, encoding: position.encoding,
                header: position.header)
            maker.clock = RecordClock(options.time, last: position.lastTime)
        }
        while reader.offset < status.size {
            let bytes = try disk.read(file, from: reader.offset, upTo: FollowOptions.chunk)
            guard !bytes.isEmpty, try disk.status(file) == status else { return false }
            let items = reader.feed(bytes)
            if !items.isEmpty { try await submit(items, &maker, reader, key, isLast: false) }
        }
        try await submit(reader.finish(), &maker, reader, key, isLast: true)
        return true
    }

    private mutating func submit(
        _ items: [ParsedItem], _ maker: inout ReadingMaker, _ reader: FormatReader, _ key: FileKey, isLast: Bool
    ) async throws {
        var rest = items[...]
        repeat {
            let part = rest.prefix(options.batch)
            rest = rest.dropFirst(part.count)
            let now = world.clock.now()
            let made = maker.make(part, now: now) { key.fact(at: $0) }
            var batch = SourceBatch(source: options.source, readings: made.readings)
            if isLast, rest.isEmpty {
                batch.positions = try await remember(key)
            } else {
                let point = rest.isEmpty ? reader.resume : part.last?.end ?? reader.resume
                let position = FilePosition(
                    key: key, point: point, headLength: 0, headHash: 0, guardHash: 0, guardCount: 0,
                    encoding: reader.encoding, header: reader.header, lastTime: maker.clock.last)
                batch.positions = [SourcePosition(name: Self.positionName(key), value: position.json)]
            }
            try await keeper.keep(made.faults, in: &batch, now: now)
            try await submit(batch)
        } while !rest.isEmpty
    }

    private mutating func handInEvents(_ survey: DropSurvey, from start: Int) async throws {
        var index = min(max(0, start), survey.events.count)
        repeat {
            let part = survey.events[index...].prefix(max(1, options.limits.batchEvents))
            index += part.count
            let isLast = index == survey.events.count
            let positions =
                isLast
                ? try await remember(survey.key)
                : [SourcePosition(name: Self.positionName(survey.key), value: ["events": .int(index)])]
            var batch = SourceBatch(source: options.source, documents: Array(part), positions: positions)
            // Faults go with the last piece, so that they are told once.
            if isLast { try await keeper.keep(survey.faults, in: &batch, now: world.clock.now()) }
            try await submit(batch)
        } while index < survey.events.count
    }

    /// The positions that say that a document was taken in. The oldest of ``remembered`` documents is forgotten for it.
    private func remember(_ key: FileKey) async throws -> [SourcePosition] {
        let next = try await intake.position(options.source, "documents")?.int ?? 0
        let slot = "slot:\(next % Self.remembered)"
        var positions = [
            SourcePosition(name: Self.positionName(key), value: ["state": "taken"]),
            SourcePosition(name: slot, value: .string(key.description)),
            SourcePosition(name: "documents", value: .int(next + 1)),
        ]
        if let old = try await intake.position(options.source, slot)?.string, old != key.description {
            positions.append(SourcePosition(name: "document:\(old)", value: .null))
        }
        return positions
    }

    // MARK: - Moving

    /// Moves the document under a name that is free there, its report before it.
    private func setAside(_ path: String, in folder: String, report: DropReport?) throws(DiskFailure) {
        let file = incoming + "/" + path
        let destination = folder + "/" + path
        if let slash = destination.lastIndex(of: "/") { try disk.makeDirectory(String(destination[..<slash])) }
        let identity = try disk.status(file)?.identity
        var number = 0
        while true {
            let name = Self.numbered(destination, number)
            number += 1
            if let taken = try disk.status(name) {
                // A move that was cut off may have made the new name already.
                guard taken.identity == identity else { continue }
            }
            if let report { try disk.replace(name + ".error.json", with: report.bytes, mode: 0o644) }
            do {
                try disk.move(file, to: name)
                break
            } catch {
                guard error.reason == .exists else { throw error }
            }
        }
        if drop.ready == .marker { try disk.remove(file + Self.markerEnding) }
    }

    /// `orders.csv` → `orders-1.csv`.
    static func numbered(_ path: String, _ number: Int) -> String {
        guard number > 0 else { return path }
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        guard let dot = path[start...].dropFirst().lastIndex(of: ".") else { return "\(path)-\(number)" }
        return "\(path[..<dot])-\(number)\(path[dot...])"
    }
}
