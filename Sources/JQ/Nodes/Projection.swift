import ExactJSON
import OrderedCollections
import Synchronization

/// What a record asks of its input by constant names (`{a: .x, b: .y.z, c: (.x + .y.w)}`), found together: each object
/// on the way is looked at once, whoever wants something of it, and nothing but what is wanted is copied.
final class Projection: Sendable {
    /// A path of names, not empty, and the place where its value is wanted.
    typealias Path = (names: ArraySlice<String>, places: [Int])

    /// What becomes of the value of a name.
    private struct Step {
        /// Where it goes; ``none`` where it is wanted nowhere itself, and where it has no second place.
        let place: Int
        let secondPlace: Int
        /// The steps for what is wanted of its own members.
        var inner: Range<Int>
    }

    /// The names wanted of an object are neighbours; those wanted of its members' objects come later.
    private let names: [String]
    private let steps: [Step]
    private let outermost: Range<Int>
    /// Where the names stood in the object before, a byte each: events of one source have their members at the same
    /// places. A guess that is wrong costs a search.
    // Safe: the pointer and what it points to are there from the beginning to the end, and the words are atomic.
    nonisolated(unsafe) private let guesses: UnsafeMutablePointer<Atomic<UInt64>>

    private static let none = -1

    init(_ paths: [Path]) {
        var names: [String] = []
        var steps: [Step] = []
        outermost = Self.add(paths, &names, &steps)
        self.names = names
        self.steps = steps
        guesses = .allocate(capacity: Self.words(steps.count))
        for word in 0..<Self.words(steps.count) { (guesses + word).initialize(to: Atomic(0)) }
    }

    deinit {
        guesses.deinitialize(count: Self.words(steps.count))
        guesses.deallocate()
    }

    private static func words(_ count: Int) -> Int { count / 8 + 1 }

    private static func add(_ paths: [Path], _ names: inout [String], _ steps: inout [Step]) -> Range<Int> {
        let groups = OrderedDictionary(grouping: paths) { $0.names.first ?? "" }
        let range = steps.count..<(steps.count + groups.count)
        for (name, paths) in groups {
            let places = paths.filter { $0.names.count == 1 }.flatMap(\.places)
            names.append(name)
            steps.append(
                Step(place: places.first ?? none, secondPlace: places.dropFirst().first ?? none, inner: 0..<0))
        }
        for (index, paths) in zip(range, groups.values) {
            let inner: [Path] = paths.filter { $0.names.count > 1 }.map { ($0.names.dropFirst(), $0.places) }
            if !inner.isEmpty { steps[index].inner = add(inner, &names, &steps) }
        }
        return range
    }

    /// Puts what `json` has into `places`, which are null before and stay so for what is missing. False where
    /// something on the way has no members at all: then the ordinary way says what is wrong.
    func take(from json: JSON, into places: UnsafeMutableBufferPointer<JSON>) -> Bool {
        guard case .object(let object) = json else { return json.isNull }
        return names.withUnsafeBufferPointer { names in
            steps.withUnsafeBufferPointer { steps in
                take(outermost, Wanted(names: names, steps: steps), from: object, into: places)
            }
        }
    }

    private struct Wanted {
        let names: UnsafeBufferPointer<String>
        let steps: UnsafeBufferPointer<Step>
    }

    private func take(
        _ range: Range<Int>, _ wanted: Wanted, from object: JSONObject, into places: UnsafeMutableBufferPointer<JSON>
    ) -> Bool {
        guard let wantedNames = wanted.names.baseAddress else { return true }
        return object.withUnsafeMembers { names, values, count in
            for index in range {
                var found = guess(index)
                if found >= count || !String.areSame(names + found, wantedNames + index) {
                    guard let other = object.index(forKey: wantedNames[index]) else { continue }
                    found = other
                    learn(index, found)
                }
                // Null needs no end: what is put over it is initialised, not assigned.
                let step = wanted.steps[index]
                if step.place >= 0 {
                    places.initializeElement(at: step.place, to: values[found])
                    if step.secondPlace >= 0 {
                        places.initializeElement(at: step.secondPlace, to: values[found])
                    }
                }
                guard !step.inner.isEmpty else { continue }
                guard case .object(let inner) = values[found] else {
                    if values[found].isNull { continue }
                    return false
                }
                if !take(step.inner, wanted, from: inner, into: places) { return false }
            }
            return true
        }
    }

    private func guess(_ index: Int) -> Int {
        Int(truncatingIfNeeded: guesses[index >> 3].load(ordering: .relaxed) >> UInt64((index & 7) << 3) & 0xFF)
    }

    /// Another run may learn at the same time, and one of both is forgotten: it is only a guess.
    private func learn(_ index: Int, _ found: Int) {
        let shift = UInt64((index & 7) << 3)
        let before = guesses[index >> 3].load(ordering: .relaxed)
        let guess = UInt64(min(found, 0xFF)) << shift
        guard before & 0xFF << shift != guess else { return }  // a long name that is where it was
        guesses[index >> 3].store(before & ~(0xFF << shift) | guess, ordering: .relaxed)
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

    /// The place of what `names` lead to, for a member that is computed; it may be that of another member.
    mutating func operand(_ names: [String]) -> Int {
        if let place = wanted[names]?.member ?? wanted[names]?.operand { return place }
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
    let place: Int
    private let levels: Int32

    init(_ place: Int, levels: Int) {
        self.place = place
        self.levels = Int32(truncatingIfNeeded: levels)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        Value(machine.projected[place], depth: max(input.depth - levels, 0))
    }
}
