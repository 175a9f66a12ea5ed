import ExactJSON

/// What is demanded of numbers, texts and lists. Each answers nil for what is not about its kind of value.
extension SchemaEvaluator {
    mutating func numeric(_ check: SchemaCheck, _ node: SchemaNode, _ number: ExactNumber) -> Bool? {
        switch check {
        case .multiple(let step):
            return number.isMultiple(of: step)
                || refuse(
                    node, "multipleOf", "is \(Self.shown(number)), which is not a multiple of \(Self.shown(step))")
        case .bound(let limit, .minimum):
            return number >= limit
                || refuse(node, "minimum", "is \(Self.shown(number)), which is below \(Self.shown(limit))")
        case .bound(let limit, .maximum):
            return number <= limit
                || refuse(node, "maximum", "is \(Self.shown(number)), which is above \(Self.shown(limit))")
        case .bound(let limit, .exclusiveMinimum):
            return number > limit
                || refuse(node, "exclusiveMinimum", "is \(Self.shown(number)), which is not above \(Self.shown(limit))")
        case .bound(let limit, .exclusiveMaximum):
            return number < limit
                || refuse(node, "exclusiveMaximum", "is \(Self.shown(number)), which is not below \(Self.shown(limit))")
        default: return nil
        }
    }

    private static func shown(_ number: ExactNumber) -> String { SchemaWords.value(.number(number)) }

    mutating func textual(_ check: SchemaCheck, _ node: SchemaNode, _ text: String) throws(Limit) -> Bool? {
        switch check {
        case .length(let least, let most):
            try work(text.utf8.count >> 4)
            let count = text.unicodeScalars.count
            if let least, count < least {
                return refuse(node, "minLength", "has \(Self.characters(count)), and needs at least \(least)")
            }
            if let most, count > most {
                return refuse(node, "maxLength", "has \(Self.characters(count)), and may have at most \(most)")
            }
            return true
        case .pattern(let pattern, let source):
            guard let isFound = pattern.isFound(in: text, steps: &stepsLeft) else { throw .steps }
            return isFound
                || refuse(
                    node, "pattern",
                    "is \(SchemaWords.quoted(text)), which does not match the pattern \(SchemaWords.quoted(source))")
        case .format(let format):
            try work(text.utf8.count >> 2)
            return format.admits(text, steps: &stepsLeft)
                || refuse(node, "format", "is \(SchemaWords.quoted(text)), which is not \(format.description)")
        default: return nil
        }
    }

    private static func characters(_ count: Int) -> String { SchemaWords.counted(count, "character") }

    mutating func listed(
        _ check: SchemaCheck, _ node: SchemaNode, _ elements: [JSON], _ evaluated: inout Evaluated?
    ) throws(Limit) -> Bool? {
        switch check {
        case .items(let prefix, let rest):
            var fits = true
            for (index, element) in elements.enumerated() {
                guard let number = index < prefix.count ? prefix[index] : rest else { break }
                if try !evaluate(number, element, at: .index(index)) {
                    fits = false
                    if stopsHere { return false }
                }
            }
            let count = rest == nil ? min(prefix.count, elements.count) : elements.count
            if let before = evaluated?.prefix { evaluated?.prefix = max(before, count) }
            return fits
        case .contains(let number, let least, let most):
            return try contains(number, least, most, node, elements, &evaluated)
        case .count(let least, let most):
            if let least, elements.count < least {
                return refuse(node, "minItems", "has \(Self.items(elements.count)), and needs at least \(least)")
            }
            if let most, elements.count > most {
                return refuse(node, "maxItems", "has \(Self.items(elements.count)), and may have at most \(most)")
            }
            return true
        case .unique:
            try work(.array(elements))
            var places: [SchemaValue: Int] = [:]
            for (index, element) in elements.enumerated() {
                if let other = places.updateValue(index, forKey: SchemaValue(element)) {
                    return refuse(node, "uniqueItems", "has the same element at \(other) and at \(index)")
                }
            }
            return true
        case .unevaluatedItems(let number):
            var fits = true
            for (index, element) in elements.enumerated() where !(evaluated?.has(index) ?? false) {
                if try !evaluate(number, element, at: .index(index)) {
                    fits = false
                    if stopsHere { return false }
                }
            }
            evaluated?.prefix = elements.count
            return fits
        default: return nil
        }
    }

    private static func items(_ count: Int) -> String { SchemaWords.counted(count, "element") }

    private mutating func contains(
        _ number: Int, _ least: Int, _ most: Int?, _ node: SchemaNode, _ elements: [JSON],
        _ evaluated: inout Evaluated?
    ) throws(Limit) -> Bool {
        var count = 0
        for (index, element) in elements.enumerated() {
            var nothing: Evaluated?
            enter(.index(index))
            defer { leave() }
            if try quietly(number, element, &nothing) {
                count += 1
                evaluated?.indices.insert(index)
            }
        }
        if count < least {
            let keyword = least == 1 ? "contains" : "minContains"
            return refuse(node, keyword, "has \(Self.items(count)) that contains asks for, and needs at least \(least)")
        }
        if let most, count > most {
            return refuse(
                node, "maxContains", "has \(Self.items(count)) that contains asks for, and may have at most \(most)")
        }
        return true
    }

    /// Whether a part of the value fits; what is looked at within it concerns nobody outside.
    mutating func evaluate(_ number: Int, _ value: JSON, at part: Part) throws(Limit) -> Bool {
        enter(part)
        // A limit that is reached leaves the way as it is: it says where.
        var nothing: Evaluated?
        let fits = try evaluate(number, value, &nothing)
        leave()
        return fits
    }
}
