import Contracts

/// The settings of a tables target as typed keys.
enum TablesFields {
    static let path = Field<String>(
        "path", .path, required: true, example: "/data/out/orders.csv",
        """
        The files to write. `{date}` stands for the day in UTC, `{number}` for the file's number; without it, the \
        number stands before the ending.
        """
    )
    static let mode = Field<String>(
        "mode",
        .choice([
            .init("append", "Rows are appended to one file, which is followed by the next when it is full or old."),
            .init("file", "Each command becomes a file of its own, which is there whole or not at all."),
        ]), default: "append", "How rows become files.")
    static let segmentBytes = Field<Int>(
        "segmentBytes", .bytes(4_096...(64 << 30)), default: "64MiB",
        "A file that has this size is followed by a new one (mode `append`).")
    static let segmentAge = Field<Duration>(
        "segmentAge", in: .seconds(1)...(.seconds(3_650 * 86_400)), example: "24h",
        "A file this old is followed by a new one when the next row comes (mode `append`).")
    static let encoding = Field<String>(
        "encoding",
        .choice([
            .init(TextEncoding.utf8.rawValue, "Unicode; also plain ASCII."),
            .init(TextEncoding.latin1.rawValue, "Western European, one byte."),
            .init(TextEncoding.windows1252.rawValue, "Western European Windows, one byte."),
        ]), default: "utf-8",
        "How characters become bytes. A row with a character that the encoding does not have is refused.")

    static let kind = Field<String>(
        "kind",
        .choice([
            .init("csv", "Rows of fields with a character between them (RFC 4180)."),
            .init("fixed", "Rows of fields of fixed width."),
            .init("jsonl", "A JSON object a line (JSON Lines), in UTF-8: the row as the map made it, or its columns."),
        ]), required: true, example: "csv", "How a row is written.")
    static let header = Field<String>(
        "header",
        .choice([
            .init("first-line", "The first row of each file names the columns."), .init("none", "There is none."),
        ]), "Whether files begin with a header. Without it: `first-line` for csv, `none` for fixed and jsonl.")
    static let delimiter = Field<String>(
        "delimiter", default: ",", example: ";", "What stands between fields: one character, or tab (csv).")
    static let quotes = Field<String>(
        "quotes",
        .choice([
            .init("needed", "Fields that could not be read back otherwise."), .init("always", "Every field."),
        ]), default: "needed", "Which fields stand in quotes (csv).")
    static let decimal = Field<String>(
        "decimal", .choice([.init("point", "1.5"), .init("comma", "1,5")]), default: "point",
        "What stands before the fraction of a number (csv, fixed).")
    static let lineEnd = Field<String>(
        "lineEnd", .choice([.init("crlf", "CR and LF, as RFC 4180 says."), .init("lf", "LF alone.")]),
        "What ends a row. Without it: `crlf` for csv and fixed, `lf` for jsonl.")
    static let formulas = Field<String>(
        "formulas",
        .choice([
            .init("keep", "It is written as it is: for programs that read the file."),
            .init("escape", "An apostrophe is put before it: for people who open the file in a spreadsheet."),
            .init("refuse", "The row is refused."),
        ]), default: "keep",
        """
        What becomes of text that a spreadsheet would run as a formula: that begins with =, +, -, @, a tab or a CR \
        (csv, fixed).
        """)

    static let name = Field<String>(
        "name", required: true, example: "Order", "The column's name, as the header says it.")
    static let from = Field<String>(
        "from", example: "/quantity/value",
        "Where its value is in the row, as a JSON Pointer. Without it, the member of the column's name.")
    static let missing = Field<String>(
        "missing",
        .choice([.init("empty", "The field is empty; null in JSON."), .init("refuse", "The row is refused.")]),
        default: "empty", "What follows where there is no value, or null.")
    static let nested = Field<String>(
        "nested", .choice([.init("refuse", "The row is refused."), .init("json", "It is written as JSON.")]),
        default: "refuse", "What follows where the value is a list or an object (csv, fixed).")
    static let start = Field<Int>(
        "start", .integer(1...100_000), example: "11",
        "Where the column begins, from 1 (fixed). Without it, behind the one before.")
    static let width = Field<Int>(
        "width", .integer(1...10_000), example: "10",
        "How many characters the column has (fixed). A longer value is refused, never cut.")
    static let align = Field<String>(
        "align", .choice([.init("left", "Filled up behind."), .init("right", "Filled up before.")]), default: "left",
        "Where a shorter value stands (fixed).")
    static let pad = Field<String>(
        "pad", default: " ", example: "0",
        "The character that fills a column up (fixed). Zeros before a negative number go behind its sign.")
    static let columns = Field<[Settings]>(
        "columns",
        list: .object([name, from, missing, nested, align, pad].map(\.spec) + [start.spec, width.spec]),
        example: "[{ name: Order }, { name: Good, from: /quantity/value }]",
        "The columns, in their order. They are required but for jsonl, which writes the whole row without them.")
    static let format = Field<Settings>(
        "format",
        fields: [
            kind.spec, columns.spec, header.spec, delimiter.spec, quotes.spec, decimal.spec, lineEnd.spec,
            formulas.spec,
        ], required: true, "What a row looks like.")

    static let all: [FieldSpec] = [
        path.spec, mode.spec, format.spec, encoding.spec, segmentBytes.spec, segmentAge.spec,
    ]
}
