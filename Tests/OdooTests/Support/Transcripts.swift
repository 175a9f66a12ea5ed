import ExactJSON
import Foundation
import World

/// The exchanges recorded on real servers, which stand beside the package where they are present.
enum Transcripts {
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/odoo/transcripts").standardizedFileURL

    static let versions: [String] = ["16", "17", "18", "19"].filter {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("\($0).jsonl").path)
    }
    static var arePresent: Bool { !versions.isEmpty }

    struct Exchange: Sendable {
        let name: String
        let transport: String
        let path: String
        let response: HTTPResponse
        let exception: String?
        let message: String
        /// What was called of a model, `mrp.production.write`; nil for anything else.
        let call: String?
        var isAnswered: Bool { response.status == 200 && exception == nil }
        var isJSON2: Bool { transport == "json2" }
        var isCall: Bool { transport == "jsonrpc" || transport == "json2" }
    }

    static func read(_ version: String) throws -> [Exchange] {
        let text = try String(contentsOf: folder.appendingPathComponent("\(version).jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").compactMap { (line) -> Exchange? in
            let record = try JSONReader.read(String(line))
            guard let response = record["response"], let status = response["status"]?.int else { return nil }
            let body = response["body"] ?? .null
            let bytes = if let text = body.string, status != 200 { Array(text.utf8) } else { body.bytes }
            let data: JSON = body["error"]?["data"] ?? (body["debug"] == nil ? .null : body)
            let path = record["request"]?["path"]?.string ?? ""
            return Exchange(
                name: record["name"]?.string ?? "", transport: record["transport"]?.string ?? "", path: path,
                response: HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: bytes),
                exception: data["name"]?.string, message: data["message"]?.string ?? "",
                call: call(path, record["request"]?["body"]))
        }
    }

    private static func call(_ path: String, _ body: JSON?) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        if parts.count == 4, parts[0] == "json", parts[1] == "2" { return "\(parts[2]).\(parts[3])" }
        // The database, the user, its secret, the model and the method.
        let arguments = body?["params"]?["args"]
        guard let model = arguments?[3]?.string, let method = arguments?[4]?.string else { return nil }
        return "\(model).\(method)"
    }
}
