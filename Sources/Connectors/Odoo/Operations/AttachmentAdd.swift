import Contracts
import ExactJSON
import Foundation

/// `attachment.add`: a file on a record, such as a label on an order or a certificate on a lot.
struct AttachmentAdd: OdooOperation {
    static let name = "attachment.add"
    /// Bytes of a file. As base64, with its names, it must fit an operation of the companion addon's (1,000,000 bytes).
    static let maximumBytes = 700_000
    /// Characters of a file's name: what common file systems take.
    static let maximumName = 200

    let spec = OperationSpec(
        name: Self.name, summary: "Adds a file to a record: a label, a certificate, a protocol.",
        arguments: NamedRecord.arguments + [
            .init("name", .text, required: true, "The file's name, with its ending: `R-0816.pdf`."),
            .init(
                "content", .text,
                "What is in it, as base64; at most \(Self.maximumBytes) bytes when decoded. This or `text`."),
            .init("text", .text, "What is in it, as text, which is stored as UTF-8: a label in ZPL, a CSV."),
            .init("type", .text, "The media type, such as `application/pdf`; else Odoo tells it from the name."),
        ],
        promise: "Never doubled: the file carries the command's key in its description, and is looked for before.",
        example: [
            "model": "stock.lot", "record": ["field": "name", "value": "R-0816"], "name": "R-0816.txt",
            "text": "Certificate 3.1: Rm 720 MPa",
        ])

    private let model = "ir.attachment"

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let marker = ExternalID.qualified(ExternalID.name("attachment", command.idempotencyKey))
        let domain: JSON = [["description", "=", .string(marker)]]
        let evidence = PlanEvidence(model: model, subject: .matching(domain))
        let file = try Self.fileName(arguments)
        if let before = try await session.doneBefore(evidence, "\(file) was added before") { return before }
        let content = try Self.content(arguments)
        let record = try await NamedRecord(arguments, in: session)
        var values: JSON = [
            "name": .string(file), "res_model": .string(record.model), "res_id": .int(record.id), "type": "binary",
            "datas": .string(content), "description": .string(marker),
        ]
        if let type = try arguments.text("type") { values["mimetype"] = .string(type) }
        return .ready(
            intent: OdooPlan(
                steps: [.ensure(model: model, domain: domain, values: values, alias: OdooPlan.made)],
                evidence: evidence,
                acceptance: Acceptance(reference: model, summary: "added \(file) to \(record.model) #\(record.id)")
            ).json)
    }

    private static func fileName(_ arguments: Arguments) throws(OdooError) -> String {
        let name = try arguments.requiredText("name")
        guard name.count <= maximumName, !name.contains(where: { $0 == "/" || $0 == "\\" || $0.isNewline }) else {
            throw arguments.wrong("name", "a file's name of at most \(maximumName) characters, without a folder")
        }
        return name
    }

    /// The file as base64. Pure.
    static func content(_ arguments: Arguments) throws(OdooError) -> String {
        let bytes: Data
        switch (arguments.json["content"]?.string, arguments.json["text"]?.string) {
        case (nil, nil): throw arguments.missing("content` or `text")
        case (.some, .some): throw arguments.wrong("content", "nothing where `text` is given")
        case (let encoded?, nil):
            guard let decoded = Data(base64Encoded: encoded), !decoded.isEmpty else {
                throw arguments.wrong("content", "base64")
            }
            bytes = decoded
        case (nil, let text?):
            guard !text.isEmpty else { throw arguments.wrong("text", "a text that is not empty") }
            bytes = Data(text.utf8)
        }
        guard bytes.count <= maximumBytes else {
            throw .reject(
                OdooFailures.arguments,
                "\(arguments.operation): the file has \(bytes.count) bytes; at most \(maximumBytes) are taken",
                suggestion: "Send a smaller file, or a link to it in a note.")
        }
        return bytes.base64EncodedString()
    }
}
