import ExactJSON
import OrderedCollections

/// An object and an ordered dictionary that are changed alike: whatever can be asked of both must be answered alike.
struct ObjectModel {
    typealias Model = OrderedDictionary<String, JSON>

    private(set) var object = JSONObject()
    private(set) var model: Model = [:]
    private let names: [String]

    /// Works with so many names at most, beside some that are equal though they are spelt differently.
    init(names count: Int) {
        let equal = ["é", "e\u{301}", "K", "\u{212A}", "", "a name longer than fifteen bytes", "漢字"]
        names = (0..<count).map { "n\($0)" } + equal
    }

    /// Does one thing, chosen by `dice`, to both; an answer that differs is told.
    mutating func change(_ dice: inout Dice) -> String? {
        let name = names[dice.below(names.count)]
        let value = Self.value(&dice)
        switch dice.below(16) {
        case 0...3:
            both {
                $0[name] = value
            } also: {
                $0[name] = value
            }
        case 4:
            both {
                $0[name] = nil
            } also: {
                $0[name] = nil
            }
        case 5:
            return answer("updateValue") {
                $0.updateValue(value, forKey: name)
            } also: {
                $0.updateValue(value, forKey: name)
            }
        case 6:
            return answer("removeValue") {
                $0.removeValue(forKey: name)
            } also: {
                $0.removeValue(forKey: name)
            }
        case 7:
            both {
                $0[name]?["x"] = value
            } also: {
                $0[name]?["x"] = value
            }
        case 8:
            both {
                $0[name, default: [:]]["y"] = value
            } also: {
                $0[name, default: [:]]["y"] = value
            }
        case 9: change(values: value, &dice)
        case 10: changeMany(&dice)
        case 11: merge(&dice)
        case 12:
            both {
                $0[name] = $0[name].map { [$0] }
            } also: {
                $0[name] = $0[name].map { [$0] }
            }
        case 13:
            both {
                $0.reserveCapacity(dice.below(40))
            } also: { _ in
            }
        case 14: remake(dice.below(4))
        default:
            return answer("lookup") {
                $0[name]
            } also: {
                $0[name]
            }
        }
        return nil
    }

    private mutating func both(_ one: (inout JSONObject) -> Void, also other: (inout Model) -> Void) {
        one(&object)
        other(&model)
    }

    private mutating func answer(
        _ what: String, _ one: (inout JSONObject) -> JSON?, also other: (inout Model) -> JSON?
    ) -> String? {
        let (a, b) = (one(&object), other(&model))
        return a == b ? nil : "\(what): \(String(describing: a)) and \(String(describing: b))"
    }

    private mutating func change(values value: JSON, _ dice: inout Dice) {
        guard !model.isEmpty else { return }
        let place = dice.below(model.count)
        object.values[place] = value
        model.values[place] = value
    }

    /// Takes out a part of them, now and then all; or has others in their place.
    private mutating func changeMany(_ dice: inout Dice) {
        let divisor = 1 + dice.below(5)
        func isGone(_ name: String, _ value: JSON) -> Bool { (name.utf8.count + (value.int ?? 0)) % divisor == 0 }
        switch dice.below(3) {
        case 0:
            both {
                $0.removeAll { isGone($0.key, $0.value) }
            } also: {
                $0.removeAll { isGone($0.key, $0.value) }
            }
        case 1:
            both {
                $0 = $0.filter { !isGone($0.key, $0.value) }
            } also: {
                $0 = $0.filter { !isGone($0.key, $0.value) }
            }
        default:
            both {
                $0 = $0.mapValues { [$0] }
            } also: {
                $0 = $0.mapValues { [$0] }
            }
        }
    }

    private mutating func merge(_ dice: inout Dice) {
        let others = (0..<dice.below(6)).map { _ in (names[dice.below(names.count)], Self.value(&dice)) }
        both {
            $0.merge(others) { [$0, $1] }
        } also: {
            $0.merge(others) { [$0, $1] }
        }
    }

    /// Made anew from what it holds, in one of the ways there are.
    private mutating func remake(_ way: Int) {
        switch way {
        case 0: object = JSONObject(uniqueKeysWithValues: object.map { ($0.key, $0.value) })
        case 1: object = JSONObject(object.elements, uniquingKeysWith: { $1 })
        case 2: object = JSON.object(object).object ?? [:]
        default:
            guard let read = try? JSONReader.read(JSON.object(object).bytes).object else { return }
            object = read
        }
    }

    private static func value(_ dice: inout Dice) -> JSON {
        switch dice.below(4) {
        case 0: .int(dice.below(1_000))
        case 1: .string("a text that needs memory of its own: \(dice.below(10))")
        case 2: [.int(dice.below(10)), "x"]
        default: ["x": .int(dice.below(10))]
        }
    }

    /// What the two say differently; nil where nothing.
    var difference: String? {
        if object.count != model.count || object.isEmpty != model.isEmpty { return "\(object.count) members" }
        if Array(object.keys) != Array(model.keys) { return "keys \(Array(object.keys))" }
        if Array(object.values) != Array(model.values) { return "values \(Array(object.values))" }
        if !object.elementsEqual(model, by: ==) || !object.elements.elementsEqual(model.elements, by: ==) {
            return "the members one after the other"
        }
        for name in names + ["none of them"] {
            if object[name] != model[name] { return "what \(name) is" }
            if object.index(forKey: name) != model.index(forKey: name) { return "where \(name) is" }
            if object.keys.contains(name) != (model[name] != nil) { return "whether \(name) is there" }
        }
        return unequal
    }

    private var unequal: String? {
        let same = JSONObject(model.elements, uniquingKeysWith: { $1 })
        let turned = JSONObject(model.elements.reversed(), uniquingKeysWith: { $1 })
        if same != object || same.hashValue != object.hashValue { return "that it is the same as one made alike" }
        if (turned == object) != (model.count < 2) { return "that the order counts" }
        let (one, other) = (JSON.object(object), JSON.object(turned))
        if one != other || one.hashValue != other.hashValue { return "that as JSON the order does not count" }
        return nil
    }
}
