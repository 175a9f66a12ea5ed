import ExactJSON
import Foundation

/// One recorded request and answer of a real Odoo.
struct RecordedExchange: Sendable {
    let name: String
    let transport: String
    let method: String
    let path: String
    let headers: [(name: String, value: String)]
    let body: JSON
    var status: Int?
    var answer: JSON
    /// Whether the answer is not the recorded one any more.
    var isAltered = false

    /// The name without its number: the recordings of the versions share these.
    var step: String { String(name.drop { $0.isNumber || $0 == "-" }) }

    init(_ json: JSON) {
        name = json["name"]?.string ?? ""
        transport = json["transport"]?.string ?? ""
        let request = json["request"] ?? [:]
        method = request["method"]?.string ?? ""
        path = request["path"]?.string ?? ""
        headers = (request["headers"]?.object ?? [:]).map { ($0.key, $0.value.string ?? "") }
        body = request["body"] ?? .null
        status = json["response"]?["status"]?.int
        answer = json["response"]?["body"] ?? .null
    }

    /// The folder of the recordings, beside the package; nil where it is missing.
    static var folder: URL? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appendingPathComponent("../shared/odoo/transcripts").standardized
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }

    static func all(version: Int, in folder: URL) throws -> [RecordedExchange] {
        let data = try Data(contentsOf: folder.appendingPathComponent("\(version).jsonl"))
        return try data.split(separator: UInt8(ascii: "\n")).map { RecordedExchange(try JSONReader.read(Array($0))) }
    }

    /// The same with one value of the answer changed: the first quantity, state, flag or error name that is no id.
    func altered() -> RecordedExchange {
        var copy = self
        let result = answer["jsonrpc"] == nil ? answer : answer["result"] ?? .null
        if let name = answer["error"]?["data"]?["name"]?.string {
            copy.answer["error"]?["data"]?["name"] = .string(name + "X")
        } else if let changed = Self.changed(result, key: "") {
            if answer["jsonrpc"] == nil { copy.answer = changed } else { copy.answer["result"] = changed }
        } else {
            return self
        }
        copy.isAltered = true
        return copy
    }

    private static func changed(_ value: JSON, key: String) -> JSON? {
        switch value {
        case .bool(let flag): return .bool(!flag)
        case .string(let text) where text.allSatisfy({ $0.isLetter || $0 == "_" }) && !text.isEmpty:
            return .string(text + "x")
        case .number(let number) where number.scale > 0:
            return ExactNumber(number.doubleValue + 7).map { .number($0) }
        case .array(let items):
            for (index, item) in items.enumerated() {
                guard let changed = changed(item, key: key) else { continue }
                var items = items
                items[index] = changed
                return .array(items)
            }
            return nil
        case .object(let members):
            for (name, member) in members where !["search_view", "view_id", "views"].contains(name) {
                guard let changed = changed(member, key: name) else { continue }
                var members = members
                members[name] = changed
                return .object(members)
            }
            return nil
        default: return nil
        }
    }

    /// Model and method of a call, over JSON-RPC or JSON-2; nil for what is no call of a model.
    var call: (model: String, method: String)? {
        if path.hasPrefix("/json/2/") {
            let parts = path.split(separator: "/")
            return parts.count == 4 ? (String(parts[2]), String(parts[3])) : nil
        }
        guard let parameters = body["params"], parameters["service"] == "object",
            let arguments = parameters["args"]?.array,
            arguments.count > 4
        else { return nil }
        return (arguments[3].string ?? "", arguments[4].string ?? "")
    }
}
