import ExactJSON
import NodeSettings
import Store

/// What is at hand on equipment, as the signals of a case's node remember it.
enum CaseContext {
    /// Where the store keeps what is at hand on an asset.
    private static func key(_ asset: String) -> String { "context/\(asset)" }

    /// The assets of which a case may know something: those of the plants, of the sources, of its readings, and those
    /// that it names.
    static func assets(of test: TestCase, in folder: NodeFolder) -> [String] {
        var names = Set(folder.plants.flatMap { $0.assets.map(\.id.rawValue) })
        for source in folder.sources { names.insert(source.asset?.rawValue ?? source.name.rawValue) }
        for case .readings(let readings) in test.steps.map(\.input) {
            names.formUnion(readings.compactMap { $0.asset?.rawValue })
        }
        names.formUnion(Array(test.context.keys) + Array((test.expected[.context]?.object ?? [:]).keys))
        return names.sorted()
    }

    /// Has the signals remember what a case begins with.
    static func remember(_ contexts: JSONObject, _ transaction: StoreTransaction) throws {
        for (asset, context) in contexts { try transaction.setSignalState(key(asset), context) }
    }

    /// What is at hand on those of the assets on which anything is.
    static func read(_ assets: [String], _ transaction: StoreTransaction) throws -> JSONObject {
        var contexts = JSONObject()
        for asset in assets {
            guard let context = try transaction.signalState(key(asset)), context.object?.isEmpty == false else {
                continue
            }
            contexts[asset] = context
        }
        return contexts
    }
}
