import Canonical
import ExactJSON
import Foundation
import OdooStandIn
import World

/// What was asked of a stand-in and may have changed something, so that it can be asked again after the process was
/// killed: the stand-in is a value, and the same requests at the same times make the same records.
///
/// One line of JSON a request. It outlives its process, not a power cut: nothing is synced.
struct StandInJournal {
    private let file: FileHandle

    /// Methods that change nothing, on any model.
    private static let reads: Set<String> = [
        "check_access_rights", "default_get", "fields_get", "get_external_id", "has_group", "name_get", "name_search",
        "read", "read_group", "search", "search_count", "search_read", "web_search_read",
    ]

    /// Opens or makes the file, and asks `odoo` everything that stands in it. A line that a kill cut off goes.
    init(_ path: String, replayingInto odoo: inout OdooStandIn) throws {
        let data = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
        let whole = data.lastIndex(of: UInt8(ascii: "\n")).map { data[...$0] } ?? Data()
        for line in whole.split(separator: UInt8(ascii: "\n")) {
            guard let entry = Self.entry(try JSONReader.read([UInt8](line))) else {
                throw CommandFailure(description: "\(path) is no journal of a stand-in")
            }
            _ = odoo.handle(entry.request, now: entry.time)
        }
        if data.isEmpty { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: UInt64(whole.count))
        try file.seekToEnd()
    }

    /// Keeps a request that was handled at `time`, before it is answered.
    func keep(_ request: HTTPRequest, at time: Instant) throws {
        guard Self.mayWrite(request) else { return }
        var headers: JSONObject = [:]
        for field in request.headers.fields { headers[field.name] = .string(field.value) }
        let entry: JSON = [
            "at": .int(Int(time.microseconds)), "method": .string(request.method), "target": .string(request.target),
            "headers": .object(headers), "body": .string(String(decoding: request.body, as: UTF8.self)),
        ]
        try file.write(contentsOf: entry.bytes + [UInt8(ascii: "\n")])
    }

    private static func entry(_ json: JSON) -> (request: HTTPRequest, time: Instant)? {
        guard let time = json["at"]?.int, let method = json["method"]?.string, let target = json["target"]?.string,
            let headers = json["headers"]?.object, let body = json["body"]?.string
        else { return nil }
        let fields = headers.map { (name: $0.key, value: $0.value.string ?? "") }
        return (
            HTTPRequest(method: method, target: target, headers: HTTPHeaders(fields), body: Array(body.utf8)),
            Instant(microseconds: Int64(time))
        )
    }

    /// Whether a request may change a record; rather once too often.
    private static func mayWrite(_ request: HTTPRequest) -> Bool {
        let parts = request.path.split(separator: "/")
        if parts.count == 4, parts[0] == "json" { return !reads.contains(String(parts[3])) }
        guard request.path == "/jsonrpc" else { return false }
        guard let parameters = (try? JSONReader.read(request.body))?["params"] else { return false }
        guard parameters["service"]?.string == "object" else { return false }
        return !reads.contains(parameters["args"]?[4]?.string ?? "")
    }
}
