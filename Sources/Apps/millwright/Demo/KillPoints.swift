/// Where a node of a demo is killed: at the durable boundaries of its process, one after the other, by a library that is
/// preloaded into it and counts what it makes durable.
struct KillPoints: Sendable {
    /// The library: it ends its process as `MILLWRIGHT_KILL` says, `after-sync:N` or `before-write:N`.
    let library: String
    /// How many kills there are; then the node is left alone.
    let kills: Int
    /// How many boundaries after a start are tried, in turns: enough to reach beyond what a start itself makes durable.
    private static let reach = 14

    /// What the process that starts after so many kills is told.
    func environment(after count: Int) -> [String: String] {
        guard count < kills else { return [:] }
        let kind = count.isMultiple(of: 2) ? "after-sync" : "before-write"
        return ["LD_PRELOAD": library, "MILLWRIGHT_KILL": "\(kind):\(1 + count / 2 % Self.reach)"]
    }
}
