import Contracts
import ExactJSON
import World

@testable import OdooConnector

/// A byte that chooses status and kind of call, then the answer's body, whose first line stands in its header fields
/// too. Whatever a server answers to a write is a result or a verdict; a write whose fate is open is never called
/// rejected.
enum OdooInput {
    private static let statuses = [200, 200, 200, 404, 500, 503, 401, 429, 302, 422, 400, 999]
    private static let write = OdooCall("mrp.production", "write", ids: [1], isWrite: true)
    private static let read = OdooCall("mrp.production", "read", ids: [1], isWrite: false)

    static func check(_ input: [UInt8]) throws {
        guard let choice = input.first else { return }
        let status = statuses[Int(choice & 15) % statuses.count]
        let body = Array(input.dropFirst())
        let line = String(decoding: body.prefix { $0 != 0x0A }, as: UTF8.self)
        let response = HTTPResponse(
            status: status, headers: ["retry-after": line, "location": line, "content-type": line], body: body)
        let call = choice & 16 == 0 ? write : read
        do {
            _ = try OdooAnswer.remote(response, of: call)
        } catch {
            try judge(error, body, status, call)
        }
        do {
            _ = try OdooAnswer.json2(response, of: call)
        } catch {
            try judge(error, body, status, call)
        }
    }

    private static func judge(_ error: OdooError, _ body: [UInt8], _ status: Int, _ call: OdooCall) throws {
        try require(!error.failure.message.isEmpty, "a failure without words")
        try require(error.failure.message.count < 2_000, "a message of \(error.failure.message.count) characters")
        guard call.isWrite, status == 200, case .rejected = error.verdict else { return }
        try require((try? JSONReader.read(body)) != nil, "no answer of Odoo's, and called rejected")
    }
}
