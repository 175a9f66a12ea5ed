/// A property of a parser that does not hold for some input.
struct PropertyViolation: Error, CustomStringConvertible {
    let description: String
}

/// Throws ``PropertyViolation`` unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw PropertyViolation(description: message()) }
}
