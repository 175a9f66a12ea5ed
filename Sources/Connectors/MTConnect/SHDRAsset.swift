import ExactJSON

/// The asset commands of a line (MTConnect agent, SHDR): documents of tools, pallets and the like.
enum SHDRAsset {
    /// The kind of record and its fields; nil where the command lacks something. Kinds: `AssetChanged` {assetId, type,
    /// document}, `AssetUpdated` {assetId, changes or document}, `AssetRemoved` {assetId}, `AllAssetsRemoved` {type}.
    static func read(_ fields: [String]) -> (kind: String, record: JSONObject)? {
        func field(_ index: Int) -> String { index < fields.count ? fields[index] : "" }
        switch field(1) {
        case "@ASSET@":
            guard !field(2).isEmpty, !field(3).isEmpty, !field(4).isEmpty else { return nil }
            return (
                "AssetChanged",
                ["assetId": .string(field(2)), "type": .string(field(3)), "document": .string(field(4))]
            )
        case "@UPDATE_ASSET@":
            guard !field(2).isEmpty, fields.count > 3 else { return nil }
            if fields.count == 4 {
                return ("AssetUpdated", ["assetId": .string(field(2)), "document": .string(field(3))])
            }
            var changes: JSONObject = [:]
            for index in stride(from: 3, to: fields.count - 1, by: 2) {
                changes[fields[index]] = .string(fields[index + 1])
            }
            guard (fields.count - 3).isMultiple(of: 2) else { return nil }
            return ("AssetUpdated", ["assetId": .string(field(2)), "changes": .object(changes)])
        case "@REMOVE_ASSET@":
            return field(2).isEmpty ? nil : ("AssetRemoved", ["assetId": .string(field(2))])
        case "@REMOVE_ALL_ASSETS@": return ("AllAssetsRemoved", ["type": .string(field(2))])
        default: return nil
        }
    }
}
