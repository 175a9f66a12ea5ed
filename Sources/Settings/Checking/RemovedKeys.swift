/// Keys that earlier versions read, and what to do about one that is still there.
enum RemovedKeys {
    /// By path, a free key as `*`.
    private static let all = [
        "plants.*.database": "remove it, it never had an effect: a target's own settings name its database",
        "plants.*.warehouse": "remove it, it never had an effect: what a flow sends says the warehouse",
    ]

    /// What to do about `key` in the group `path`, which errors name (`plants.lyon`); nil where it never was one.
    static func advice(_ key: String, in path: String) -> String? {
        let parts = path.split(separator: ".")
        return parts.count == 2 ? all["\(parts[0]).*.\(key)"] : nil
    }
}
