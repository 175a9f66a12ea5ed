package import Contracts

/// The settings of files as a source and as a target, and all that the documentation says of them.
package enum FilesSpec {
    /// The spec of `protocol: files` as a source.
    package static let source = ConnectorSpec(
        name: "files", role: .source,
        summary: """
            Follows files that a machine goes on writing to, and takes in whole documents from a drop folder: \
            sections, CSV, tab-separated text, JSON Lines, CloudEvents.
            """,
        fields: FilesFields.all,
        example: """
            source: komax
            protocol: files
            plant: lyon
            asset: komax-565
            folder: { path: /data/komax, pattern: "*/Job.sdc", mode: follow }
            format: { kind: sections, time: "dd/MM/yyyy,HH:mm:ss", attach: [Counter] }
            signals:
              - role: count
                on: [JobTerminated, JobAborted]
                event: production.completed
                subject: [Job, ArticleKey]
                item: ArticleKey
                quantity: { field: TotalGoodPieces, counts: run, unit: pcs }
            """,
        promises: [
            """
            What stands in a file is read once in effect, also when the node is killed at any moment: positions \
            are stored together with the events.
            """,
            """
            A fact's name is made of the file's name, its first record and the fact's offset. Read again from \
            the beginning, without positions, the same files give the same facts.
            """,
            "A half-written line or section waits until it is whole.",
            "Files that are renamed are read on under their new name, as long as they stay in their folder.",
            """
            Files whose names differ in digits and separators alone, as a rotation leaves them, are read one after the \
            other in the order in which they were written, also where the node was away while they were rotated.
            """,
            """
            Missed is what a machine writes and removes again between two looks (`poll`), and what was not read \
            yet of a file that is emptied in its place without a copy beside it.
            """,
            """
            Two files of the same name with the same first record are told apart by numbers that are remembered \
            with the positions; when the positions are deleted, those numbers start anew. Files whose records \
            carry times do not have this limit.
            """,
            """
            In a drop folder, a document of the same name and content as one of the last 10,000 is not taken in \
            again.
            """,
        ])

    /// Whether a source with these settings brings events ready-made, which no signal needs to make.
    package static func carriesEvents(_ settings: Settings) -> Bool {
        guard let format = try? settings(FilesFields.format), let kind = try? format(FilesFields.kind) else {
            return false
        }
        return kind == "cloudevents"
    }

    /// The files to write so that a source with these settings reads `file`: that file below its folder, in the mode
    /// `drop` in its folder `in`, and where a marker is waited for, that as well.
    package static func filesToWrite(_ file: String, _ settings: Settings) throws(SettingFault) -> [String] {
        let folder = try settings(FilesFields.folder)
        let path = try folder(FilesFields.path)
        guard try folder(FilesFields.mode) == "drop" else { return ["\(path)/\(file)"] }
        let whole = "\(path)/in/\(file)"
        return try DropOptions(settings.optional(FilesFields.drop)).ready == .marker
            ? [whole, whole + ".ready"] : [whole]
    }

    /// Whether a source with these settings reads a file of this name below its folder.
    package static func reads(_ file: String, _ settings: Settings) throws(SettingFault) -> Bool {
        let pattern = try settings(FilesFields.folder)(FilesFields.pattern)
        return GlobPattern(pattern)?.matches(file) ?? false
    }

    /// Which files a source reads.
    package struct Reading: Sendable, Hashable {
        package let path: String
        package let pattern: String
    }

    /// Which files a source with these settings reads.
    package static func reading(of settings: Settings) throws(SettingFault) -> Reading {
        let folder = try settings(FilesFields.folder)
        return Reading(path: try folder(FilesFields.path), pattern: try folder(FilesFields.pattern))
    }

    /// Whether a source with these settings reads what a target with `target` settings writes.
    package static func reads(writtenBy target: Settings, _ settings: Settings) throws(SettingFault) -> Bool {
        let reading = try reading(of: settings)
        let isDrop = try settings(FilesFields.folder)(FilesFields.mode) == "drop"
        let folder = isDrop ? reading.path + "/in" : reading.path
        let written = try target(JSONLinesFields.path)
        guard written.hasPrefix(folder + "/") else { return false }
        // As a file is called once its day and number stand in its name.
        var name = String(written.dropFirst(folder.count + 1)).replacing("{date}", with: "2026-03-02")
        if name.contains("{number}") {
            name = name.replacing("{number}", with: "000001")
        } else if let dot = name.lastIndex(of: ".") {
            name.insert(contentsOf: "-000001", at: dot)
        }
        return GlobPattern(reading.pattern)?.matches(name) ?? false
    }

    /// The spec of `protocol: files` as a target.
    package static let target = ConnectorSpec(
        name: "files", role: .target,
        summary: "Appends every event as one line of JSON to files on this node, in numbered segments.",
        fields: JSONLinesFields.all,
        example: """
            target: archive
            protocol: files
            path: /data/archive/events-{date}.jsonl
            segmentBytes: 64MiB
            """,
        promises: [
            "Each event stands in the files once and survives a power cut before the node counts it as delivered.",
            "Existing files are never overwritten. After a crash a torn last line is cut off; whole lines stay.",
            "Within a lane events keep their order; between lanes they mix.",
            "If the position file beside the segments is deleted, the last events may stand in the files twice.",
        ])
}
