import ExactJSON
import OrderedCollections
import Synchronization

/// What a record asks of its input by constant names (`{a: .x, b: .y.z, c: (.x + .y.w)}`), found together: each object
/// on the way is looked at once, whoever wants something of it.
final class Projection: Sendable {
    /// A path of names, not empty, and the place where its value is wanted.
    typealias Path = (names: ArraySlice<String>, places: [Int])

    /// One name wanted of an object.
    private struct Wanted {
        let name: String
        /// Where its value goes; ``none`` where it is wanted nowhere itself, and where it has no second place.
        let place: Int
        let secondPlace: Int
        /// What is wanted of the value's own members.
        let inner: Projection?
    }

    private let wanted: [Wanted]
    /// Where the names stood in the object before, a byte each: events of one source have their members at the same
    /// places. A guess that is wrong costs a search.
    private let guesses = Atomic<UInt64>(0)
    /// The names beyond those that have a guess.
    private let more: Projection?

    private static let none = -1
    private static let width = 8

    init(_ paths: [Path]) {
        let groups = OrderedDictionary(grouping: paths) { $0.names.first ?? "" }
        wanted = groups.elements.prefix(Self.width).map { name, paths in
            let places = paths.filter { $0.names.count == 1 }.flatMap(\.places)
            let inner: [Path] = paths.filter { $0.names.count > 1 }.map { ($0.names.dropFirst(), $0.places) }
            return Wanted(
                name: name, place: places.first ?? Self.none, secondPlace: places.dropFirst().first ?? Self.none,
                inner: inner.isEmpty ? nil : Projection(inner))
        }
        let others = groups.elements.dropFirst(Self.width).flatMap(\.value)
        more = others.isEmpty ? nil : Projection(others)
    }

    /// Puts what `json` has into `places`, which are null before and stay so for what is missing. False where
    /// something on the way has no members at all: then the ordinary way says what is wrong.
    func take(from json: JSON, into places: UnsafeMutableBufferPointer<JSON>) -> Bool {
        guard case .object(let object) = json else { return json.isNull }
        let guesses = guesses.load(ordering: .relaxed)
        var learned = guesses
        let isTaken = object.keys.elements.withUnsafeBufferPointer { keys in
            object.values.withUnsafeBufferPointer { values in
                wanted.withUnsafeBufferPointer { wanted in
                    for index in wanted.indices {
                        let shift = UInt64(index) << 3
                        var found = Int(truncatingIfNeeded: guesses >> shift & 0xFF)
                        if found >= keys.count || keys[found] != wanted[index].name {
                            guard let other = object.index(forKey: wanted[index].name) else { continue }
                            found = other
                            learned = learned & ~(0xFF << shift) | UInt64(min(found, 0xFF)) << shift
                        }
                        // Null needs no end: what is put over it is initialised, not assigned.
                        let place = wanted[index].place
                        if place >= 0 {
                            places.initializeElement(at: place, to: values[found])
                            let second = wanted[index].secondPlace
                            if second >= 0 { places.initializeElement(at: second, to: values[found]) }
                        }
                        if let inner = wanted[index].inner, !inner.take(from: values[found], into: places) {
                            return false
                        }
                    }
                    return true
                }
            }
        }
        if learned != guesses { self.guesses.store(learned, ordering: .relaxed) }
        guard isTaken, let more else { return isTaken }
        return more.take(from: json, into: places)
    }
}

/// The lookups of a record, collected while it is compiled: the same path is taken once.
struct ProjectedPaths {
    private var wanted: OrderedDictionary<[String], (member: Int?, operand: Int?)> = [:]
    /// How many places there are: one for each member, behind them what members that are computed look up.
    private(set) var places: Int

    init(members: Int) { places = members }

    /// Whether the member at `place` is taken from where `names` lead to: once, a second member is computed.
    mutating func add(_ names: [String], member place: Int) -> Bool {
        guard wanted[names]?.member == nil else { return false }
        wanted[names, default: (nil, nil)].member = place
        return true
    }

    /// The place of what `names` lead to, for a member that is computed.
    mutating func operand(_ names: [String]) -> Int {
        if let place = wanted[names]?.operand { return place }
        wanted[names, default: (nil, nil)].operand = places
        places += 1
        return places - 1
    }

    var projection: Projection? {
        wanted.isEmpty
            ? nil : Projection(wanted.map { ($0.key[...], [$0.value.member, $0.value.operand].compactMap(\.self)) })
    }
}

/// `.a.b` inside a record, where the record's projection has found it.
final class ProjectedNode: Node {
    let traits = Traits(direct: true, paths: false, children: [])
    private let place: Int
    private let levels: Int32

    init(_ place: Int, levels: Int) {
        self.place = place
        self.levels = Int32(truncatingIfNeeded: levels)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        Value(machine.projected[place], depth: max(input.depth - levels, 0))
    }
}
