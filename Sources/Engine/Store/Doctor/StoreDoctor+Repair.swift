package import World

extension StoreDoctor {
    /// Mends the store at `path` as a node does that finds it damaged, and leaves a whole one alone. Returns what was
    /// kept and lost; nil where nothing is wrong. No node may run it.
    package static func repair(_ path: String, world: World) throws -> SalvageReport? {
        let address = try require(path)
        let mending = StoreMending(address, world: world)
        try mending.finish()
        let found = try check(path)
        let isAsked = try mending.hasWord()
        if found.isWhole, !isAsked { return nil }
        let reason =
            found.findings.first ?? "\(found.damagedPages) pages and \(found.damagedFrames) of the log's are damaged"
        return try mending.run(reason: reason, isAsked: true)
    }
}
