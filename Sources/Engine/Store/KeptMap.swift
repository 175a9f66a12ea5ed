package import Canonical
package import Contracts
package import ExactJSON

/// The program that makes a flow's commands, as a version of the settings has it.
package struct KeptMap: Sendable {
    /// The file that holds it: the map, or the flow itself where the program stands in it.
    package let path: String
    /// The file's text, as far as it is shown.
    package let text: String
    /// Whether there is more of it.
    package let isCut: Bool

    /// Bytes of a file that are shown, at most.
    package static let maximumBytes = 64 << 10

    /// Nil where the version has no file of such a flow.
    package init?(
        of flow: FlowName, in version: SettingsVersion, _ transaction: StoreTransaction
    ) throws {
        guard let file = try Self.flowFile(flow, version, transaction) else { return nil }
        var (path, bytes) = file
        let text = String(decoding: bytes, as: UTF8.self)
        if let map = Self.value(of: "map", in: text), let content = try transaction.settingsFile(map, of: version) {
            (path, bytes) = (map, content)
        }
        self.path = path
        self.text = String(decoding: bytes.prefix(Self.maximumBytes), as: UTF8.self)
        isCut = bytes.count > Self.maximumBytes
    }

    /// One JSON object.
    package var json: JSON { ["path": .string(path), "text": .string(text), "isCut": .bool(isCut)] }

    /// The file of a flow: the one that is called like it, or else the one that says so.
    private static func flowFile(
        _ flow: FlowName, _ version: SettingsVersion, _ transaction: StoreTransaction
    ) throws -> (path: String, bytes: [UInt8])? {
        let own = "flows/\(flow.rawValue).yaml"
        let others = version.files.keys.filter { $0.hasPrefix("flows/") && $0 != own }.sorted()
        for path in [own] + others {
            guard let bytes = try transaction.settingsFile(path, of: version) else { continue }
            if value(of: "flow", in: String(decoding: bytes, as: UTF8.self)) == flow.rawValue { return (path, bytes) }
        }
        return nil
    }

    /// What a key at the beginning of a line is given on the same line, without quotes and remark. The store knows no
    /// more of YAML than that; settings that the node runs have been read by who does.
    static func value(of key: String, in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(key + ":") {
            let rest = line.dropFirst(key.utf8.count + 1).drop { $0.isWhitespace }
            if let quote = rest.first, quote == "\"" || quote == "'" {
                return String(rest.dropFirst().prefix { $0 != quote })
            }
            let word = rest.prefix { !$0.isWhitespace }
            return word.isEmpty || word.hasPrefix("#") ? nil : String(word)
        }
        return nil
    }
}
