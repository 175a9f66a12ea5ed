package import Contracts
import ExactJSON

extension FilesSpec {
    private static let write = OperationSpec(
        name: "write", summary: "Writes one row or several, all of them or none.",
        arguments: [
            OperationArgument("row", .any, "an object, of which the columns take their values"),
            OperationArgument("rows", .list, "several of them, instead of row"),
        ],
        promise: "Exactly once: the files show after a crash whether the rows are there",
        example: ["row": ["order": "WH/MO/00042", "quantity": ["value": 17, "unit": "pcs"]]])

    /// The spec of `protocol: tables` as a target.
    package static let tables = ConnectorSpec(
        name: "tables", role: .target,
        summary: "Writes commands as rows into files on this node: CSV, fields of fixed width, or JSON Lines.",
        fields: TablesFields.all, operations: [write],
        example: """
            target: erp
            protocol: tables
            path: /data/out/orders-{date}.csv
            encoding: windows-1252
            format:
              kind: csv
              delimiter: ";"
              decimal: comma
              columns:
                - { name: Order, from: /order, missing: refuse }
                - { name: Good, from: /quantity/value }

            """,
        promises: [
            "Each command stands in the files once, and survives a power cut before it counts as done.",
            """
            Nothing is cut or left out: what does not fit, or has a character that the encoding lacks, waits for a \
            person.
            """,
            "Existing files are never overwritten, and a file of the mode `file` has its name only when it is whole.",
            """
            In the mode `append`, a file that is taken away while a row is written to it leaves that row to a person: \
            take those with lower numbers.
            """,
            "If the position file beside them is deleted, the command under way at that moment may be written twice.",
        ])

    /// What is wrong with the settings of such a target that its fields alone do not show.
    package static func check(tables settings: Settings) throws(SettingFault) {
        _ = try TableLayout(settings)
        guard SegmentName(try settings(TablesFields.path)) != nil else {
            throw SettingFault(
                location: settings.locations["path"] ?? settings.location,
                reason: "path is no file's path, or has a placeholder in a folder's name",
                suggestion: "write /data/out/orders-{date}.csv; {date} and {number} may stand once each, in the name")
        }
    }
}
