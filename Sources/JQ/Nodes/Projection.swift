import ExactJSON
import OrderedCollections
import Synchronization

/// What a record asks of its input by constant names (`{a: .x, b: .y.z, c: (.x + .y.w)}`), found together: each object
/// on the way is looked at once, whoever wants something of it.
final class Projection: Sendable {
    /// Where the values go: to members of the record that is made, and to what its other members are computed from.
    struct Places {
        let members: UnsafeMutableBufferPointer<JSON>
        let operands: UnsafeMutableBufferPointer<JSON>
    }

    /// A path of names, not empty, and where its value is wanted.
    typealias Path = (names: ArraySlice<String>, member: Int?, operand: Int?)

    // One name wanted of an object at each index; ``none`` where the value itself is not wanted there.
    private let names: [String]
    private let members: [Int]
    private let operands: [Int]
    private let inner: [Projection?]
    /// Where the names stood in the object before, a byte each: events of one source have their members at the same
    /// places. A guess that is wrong costs a search.
    private let guesses = Atomic<UInt64>(0)
    /// The names beyond those that have a guess.
    private let more: Projection?

    private static let none = -1
    private static let width = 8

    init(_ paths: [Path]) {
        let groups = OrderedDictionary(grouping: paths) { $0.names.first ?? "" }
        let own = groups.elements.prefix(Self.width)
        names = own.map(\.key)
        members = own.map { group in group.value.first { $0.names.count == 1 }?.member ?? Self.none }
        operands = own.map { group in group.value.first { $0.names.count == 1 }?.operand ?? Self.none }
        inner = own.map { group in
            let paths: [Path] = group.value.filter { $0.names.count > 1 }
                .map { ($0.names.dropFirst(), $0.member, $0.operand) }
            return paths.isEmpty ? nil : Projection(paths)
        }
        let others = groups.elements.dropFirst(Self.width).flatMap(\.value)
        more = others.isEmpty ? nil : Projection(others)
    }

    /// Puts what `json` has into its places; what is missing stays null there. False where something on the way has no
    /// members at all: then the ordinary way says what is wrong.
    func take(from json: JSON, into places: Places) -> Bool {
        guard case .object(let object) = json else { return json.isNull }
        let keys = object.keys
        let guesses = guesses.load(ordering: .relaxed)
        var learned = guesses
        let isTaken = object.values.withUnsafeBufferPointer { values in
            for index in names.indices {
                let shift = UInt64(index) << 3
                var place = Int(truncatingIfNeeded: guesses >> shift & 0xFF)
                if place >= keys.count || keys[place] != names[index] {
                    guard let found = object.index(forKey: names[index]) else { continue }
                    place = found
                    learned = learned & ~(0xFF << shift) | UInt64(min(found, 0xFF)) << shift
                }
                if members[index] >= 0 { places.members[members[index]] = values[place] }
                if operands[index] >= 0 { places.operands[operands[index]] = values[place] }
                if let inner = inner[index], !inner.take(from: values[place], into: places) { return false }
            }
            return true
        }
        if learned != guesses { self.guesses.store(learned, ordering: .relaxed) }
        guard isTaken, let more else { return isTaken }
        return more.take(from: json, into: places)
    }
}

/// The lookups of a record, collected while it is compiled: the same path is taken once.
struct ProjectedPaths {
    private var wanted: OrderedDictionary<[String], (member: Int?, operand: Int?)> = [:]
    /// How many lookups there are in members that are computed.
    private(set) var operands = 0

    /// Whether the member at `place` is taken from where `names` lead to: once, a second member is computed.
    mutating func add(_ names: [String], member place: Int) -> Bool {
        guard wanted[names]?.member == nil else { return false }
        wanted[names, default: (nil, nil)].member = place
        return true
    }

    /// The place among the operands of what `names` lead to.
    mutating func operand(_ names: [String]) -> Int {
        if let place = wanted[names]?.operand { return place }
        wanted[names, default: (nil, nil)].operand = operands
        operands += 1
        return operands - 1
    }

    var projection: Projection? {
        wanted.isEmpty ? nil : Projection(wanted.map { ($0.key[...], $0.value.member, $0.value.operand) })
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
