import Canonical
package import ExactJSON

/// One place where what came out is not what a case expects.
package struct TestDifference: Sendable, Hashable {
    /// `commands.odoo[0].arguments.quantity.value`
    package let path: String
    /// Nil: nothing is expected there.
    package let expected: JSON?
    /// Nil: nothing came out there.
    package let got: JSON?

    package init(path: String, expected: JSON?, got: JSON?) {
        self.path = path
        self.expected = expected
        self.got = got
    }
}

/// Compares what came out of a case with what it expects.
///
/// Lists must have as many elements, in their order. Of an event, a command or an exception, the members that are named
/// are compared, each as a whole; an exception's `message` must contain what is expected of it. What is at hand on
/// equipment is compared as a whole.
package enum TestComparison {
    /// Everything that differs; empty where the case passes. A case that expects nothing at all does not pass.
    package static func differences(
        _ expected: [TestCase.Section: JSON], _ got: [TestCase.Section: JSON]
    ) -> [TestDifference] {
        guard !expected.isEmpty else { return [TestDifference(path: "expect", expected: nil, got: all(got))] }
        return TestCase.Section.allCases.flatMap { differences($0, expected[$0], got[$0]) }
    }

    /// The sections of a case that differ; all that came out, where it expects nothing yet, but for what is at hand,
    /// which is the means to what comes out.
    package static func differing(
        _ expected: [TestCase.Section: JSON], _ got: [TestCase.Section: JSON]
    ) -> [TestCase.Section] {
        TestCase.Section.allCases.filter { section in
            if expected.isEmpty { return section == .commands || section != .context && !isEmpty(got[section]) }
            return !differences(section, expected[section], got[section]).isEmpty
        }
    }

    private static func all(_ got: [TestCase.Section: JSON]) -> JSON {
        var members = JSONObject()
        for section in TestCase.Section.allCases where section != .context && !isEmpty(got[section]) {
            members[section.rawValue] = got[section]
        }
        return .object(members)
    }

    private static func isEmpty(_ section: JSON?) -> Bool {
        section?.array?.isEmpty ?? section?.object?.isEmpty ?? true
    }

    private static func differences(
        _ section: TestCase.Section, _ expected: JSON?, _ got: JSON?
    ) -> [TestDifference] {
        switch section {
        case .events:
            guard let list = expected?.array else { return [] }
            return items(list, got?.array ?? [], "events")
        case .exceptions: return items(expected?.array ?? [], got?.array ?? [], "exceptions")
        case .context:
            guard let byAsset = expected?.object else { return [] }
            return values(held(byAsset), held(got?.object ?? [:]), "context")
        case .commands:
            guard let byTarget = expected?.object else { return [] }
            let made = got?.object ?? [:]
            let targets = Array(byTarget.keys) + made.keys.filter { byTarget[$0] == nil }
            return targets.flatMap { items(byTarget[$0]?.array ?? [], made[$0]?.array ?? [], "commands.\($0)") }
        }
    }

    /// Without the assets on which nothing is at hand.
    private static func held(_ contexts: JSONObject) -> JSON {
        var held = JSONObject()
        for (asset, context) in contexts where !isEmpty(context) { held[asset] = context }
        return .object(held)
    }

    /// Two lists: what fits at both ends is paired, and what lies between one by one.
    private static func items(_ expected: [JSON], _ got: [JSON], _ path: String) -> [TestDifference] {
        let shorter = min(expected.count, got.count)
        var head = 0
        while head < shorter, fits(expected[head], got[head]) { head += 1 }
        var tail = 0
        while tail < shorter - head, fits(expected[expected.count - 1 - tail], got[got.count - 1 - tail]) { tail += 1 }
        var differences: [TestDifference] = []
        for index in head..<max(expected.count - tail, got.count - tail) {
            let place = "\(path)[\(index)]"
            let wanted = index < expected.count - tail ? expected[index] : nil
            let made = index < got.count - tail ? got[index] : nil
            if let wanted, let made {
                differences += item(wanted, made, place)
            } else {
                differences.append(TestDifference(path: place, expected: wanted, got: made))
            }
        }
        return differences
    }

    private static func fits(_ expected: JSON, _ got: JSON) -> Bool { item(expected, got, "").isEmpty }

    private static func item(_ expected: JSON, _ got: JSON, _ path: String) -> [TestDifference] {
        guard let members = expected.object else { return values(expected, got, path) }
        return members.flatMap { name, value in
            let made = got[name]
            if name == "time", let wanted = value.string.flatMap({ Instant(text: $0) }),
                made?.string.flatMap({ Instant(text: $0) }) == wanted
            {
                return [TestDifference]()
            }
            if name == "message", let part = value.string, made?.string?.contains(part) ?? false { return [] }
            return values(value, made, "\(path).\(name)")
        }
    }

    private static func values(_ expected: JSON?, _ got: JSON?, _ path: String) -> [TestDifference] {
        switch (expected, got) {
        case (.object(let wanted), .object(let made)):
            let names = Array(wanted.keys) + made.keys.filter { wanted[$0] == nil }
            return names.flatMap { values(wanted[$0], made[$0], "\(path).\($0)") }
        case (.array(let wanted), .array(let made)):
            return (0..<max(wanted.count, made.count)).flatMap { index in
                values(
                    index < wanted.count ? wanted[index] : nil, index < made.count ? made[index] : nil,
                    "\(path)[\(index)]")
            }
        default: return expected == got ? [] : [TestDifference(path: path, expected: expected, got: got)]
        }
    }
}
