import ExactJSON

/// How a value was reached from the input of `path(…)`: a list that grows at its end and shares its beginning.
final class Path: Sendable {
    let parent: Path?
    let key: JSON
    let count: Int
    /// Whether the value was computed instead of reached, so that it has no path.
    let isBroken: Bool

    private init(parent: Path?, key: JSON, count: Int, isBroken: Bool) {
        self.parent = parent
        self.key = key
        self.count = count
        self.isBroken = isBroken
    }

    static let root = Path(parent: nil, key: .null, count: 0, isBroken: false)
    static let broken = Path(parent: nil, key: .null, count: 0, isBroken: true)

    func appending(_ key: JSON, in machine: Machine) throws(Fault) -> Path {
        guard count < machine.limits.nesting else { throw .limit(.nesting) }
        return Path(parent: self, key: key, count: count + 1, isBroken: false)
    }

    /// The keys from the outermost to the innermost.
    var keys: [JSON] {
        var keys: [JSON] = []
        keys.reserveCapacity(count)
        var path = self
        while let parent = path.parent {
            keys.append(path.key)
            path = parent
        }
        keys.reverse()
        return keys
    }
}
