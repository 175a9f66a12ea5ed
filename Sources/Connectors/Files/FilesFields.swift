import Contracts

/// The settings of a files source as typed keys.
enum FilesFields {
    static let path = Field<String>(
        "path", .path, required: true, example: "/data/komax",
        "The folder on this node. In the mode `drop`, the folder that holds `in`, `done` and `failed`.")
    static let pattern = Field<String>(
        "pattern", .glob, default: "*", example: "*/Job.sdc",
        "Which files below the folder: `*` and `?` within a name, `**` across folders, `[a-z]`, `{csv,txt}`.")
    static let mode = Field<String>(
        "mode",
        .choice([
            .init("follow", "Files that a machine goes on writing to: what is new is read as it comes."),
            .init("drop", "Whole documents: each is taken in once and moved to `done` or `failed`."),
        ]), default: "follow", "How the files come to be.")
    static let folder = Field<Settings>(
        "folder", fields: [path.spec, pattern.spec, mode.spec], required: true, "Where the files are.")

    static let kind = Field<String>(
        "kind",
        .choice([
            .init("sections", "`[Name]` and `key=value` lines, as in INI files."),
            .init("csv", "Rows of fields with commas between them (RFC 4180)."),
            .init("tsv", "Rows of fields with tabs between them; quotes as in CSV."),
            .init("jsonlines", "One JSON object a line."),
            .init(
                "cloudevents",
                "A document that is a CloudEvents 1.0 event or an array of them; in the mode `drop` alone."),
        ]), required: true, "What is in the files.")
    static let time = Field<String>(
        "time", .timeFormat, example: "dd/MM/yyyy,HH:mm:ss",
        "How times are written, in local time unless the text has an offset. Without it, `timeField` holds RFC 3339.")
    static let timeField = Field<[String]>(
        "timeField", .oneOrMany(.text), example: "[Date, Time]",
        """
        The field with the record's time; several are joined by a space. Sections: DateTimeStamp, JSON: time. \
        Without any, the time is that of reading.
        """
    )
    static let epoch = Field<String>(
        "epoch",
        .choice([
            .init("seconds", "Seconds since 1970-01-01T00:00:00Z, with or without a fraction."),
            .init("milliseconds", "Milliseconds since then."), .init("microseconds", "Microseconds since then."),
        ]), "Where times are numbers: what they count. Instead of `time`.")
    static let record = Field<String>(
        "record", .name,
        "What records are called that do not name themselves. Without it, the file's name without its ending.")
    static let recordField = Field<String>(
        "recordField", example: "event", "The field whose value is what a record is called (csv, tsv, jsonlines).")
    static let attach = Field<[String]>(
        "attach", .oneOrMany(.text), example: "[Counter]",
        "Sections that belong to the section before them: each becomes a field of it, under its own name.")
    static let end = Field<String>(
        "end", default: "blank", example: "END",
        """
        What ends a section: `blank` (an empty line or the next header), `header` (the next header, or the \
        quiet time), or a line of this text.
        """
    )
    static let columns = Field<[String]>(
        "columns", .oneOrMany(.text), example: "[Date, Time, Code, Text]",
        "The columns' names, where the file has no header row.")
    static let header = Field<String>(
        "header",
        .choice([
            .init("first-line", "The first row names the columns."),
            .init("none", "Every row is data; columns without a name in `columns` are called 1, 2, 3…"),
        ]), "Whether the first row is a header. Without it: `none` where `columns` are given, else `first-line`.")
    static let delimiter = Field<String>(
        "delimiter", example: ";",
        "What stands between fields: one character, or tab. Without it, a comma (csv) or a tab (tsv).")
    static let quote = Field<String>("quote", default: "\"", "What encloses fields: one character, or none.")
    static let comment = Field<String>("comment", example: "#", "What a line begins with that is to be passed over.")
    static let skip = Field<Int>(
        "skip", .integer(0...1_000), default: "0", "Lines at the beginning of the file that are passed over (csv, tsv)."
    )
    static let format = Field<Settings>(
        "format",
        fields: [
            kind.spec, time.spec, timeField.spec, epoch.spec, record.spec, recordField.spec, attach.spec, end.spec,
            columns.spec, header.spec, delimiter.spec, quote.spec, comment.spec, skip.spec,
        ], required: true, "What is in the files, and how to read it.")

    static let encoding = Field<String>(
        "encoding",
        .choice([
            .init("utf-8", "Unicode; also plain ASCII."),
            .init("utf-16le", "Unicode in two bytes, the low one first (Windows)."),
            .init("utf-16be", "Unicode in two bytes, the high one first."),
            .init("iso-8859-1", "Western European, one byte."),
            .init("windows-1252", "Western European Windows, one byte."),
        ]), default: "utf-8",
        "How bytes stand for characters. A byte order mark at the beginning of a file goes before it.")
    static let zone = Field<String>(
        "zone", .timeZone, example: "Europe/Paris", "The time zone of times without an offset. Without it, the plant's."
    )
    static let poll = Field<Duration>(
        "poll", in: .milliseconds(10)...(.seconds(3_600)), default: "1s",
        "How often the folder and its files are looked at.")
    static let quiet = Field<Duration>(
        "quiet", in: .zero...(.seconds(3_600)), default: "2s",
        """
        How long a file must not grow until its last section counts as complete, and until a dropped document \
        counts as whole.
        """
    )
    static let maximum = Field<Int>(
        "maximum", .bytes(1_024...(64 << 20)), default: "1MiB",
        "The longest line, section or row. A longer one is passed over, and its first 64 KiB are kept for a person.")
    static let files = Field<Int>(
        "files", .integer(1...100_000), default: "10000", "The most files that are followed at once; more are reported."
    )
    static let ignoreOlder = Field<Duration>(
        "ignoreOlder", in: .seconds(60)...(.seconds(3_650 * 86_400)), example: "30d",
        "Files that were not changed for so long are not read. Without it, all are.")
    static let truncation = Field<String>(
        "truncation",
        .choice([
            .init("report", "A person is told, because what had not been read is lost."),
            .init("expected", "This is how the machine rotates its files."),
        ]), default: "report", "What follows where a file was emptied and is written anew.")

    static let ready = Field<String>(
        "ready",
        .choice([
            .init("stable", "Size and time did not change for the quiet time."),
            .init(
                "rename",
                """
                Whoever writes it gives it its name when it is whole (names with .tmp, .part, .filepart are not \
                taken).
                """
            ),
            .init("marker", "A file of the same name with `.ready` behind it says so."),
        ]), default: "stable", "How a document shows that it is whole.")
    static let faults = Field<String>(
        "faults",
        .choice([
            .init("refuse", "Nothing of it is taken in, and it goes to `failed`: correct it and drop it again."),
            .init("accept", "What is right is taken in, and what is wrong waits as exceptions; it goes to `done`."),
        ]), default: "refuse", "What becomes of a document in which something is wrong.")
    static let repeats = Field<String>(
        "repeats",
        .choice([
            .init("ignore", "The same document: nothing happens a second time."),
            .init("accept", "A new document that happens to say the same."),
        ]), default: "ignore", "What a document of the same name and content as an earlier one is.")
    static let drop = Field<Settings>(
        "drop", fields: [ready.spec, faults.spec, repeats.spec], "How whole documents are taken in (mode `drop`).")

    /// All fields of the source, in the order of the documentation.
    static let all: [FieldSpec] = [
        folder.spec, format.spec, encoding.spec, zone.spec, poll.spec, quiet.spec, maximum.spec, files.spec,
        ignoreOlder.spec, truncation.spec, drop.spec,
    ]
}
