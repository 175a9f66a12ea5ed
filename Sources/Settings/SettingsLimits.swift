/// The bounds of one settings folder. What lies beyond is a fault of its own, never a crash or an endless wait.
package struct SettingsLimits: Sendable {
    /// Bytes of one file.
    package var fileBytes = 1 << 20
    /// Files of one folder, overlays included.
    package var files = 4_000
    /// Nesting of lists and keys in one file.
    package var depth = 64
    /// Values of one file after its aliases are expanded.
    package var nodes = 100_000
    /// Duplicate keys that one file may have before reading it is given up.
    package var duplicateKeys = 32
    /// Aliases of a file that has keys which are themselves lists or aliases: comparing such keys expands them.
    package var aliasesBesideComplexKeys = 10
    /// Bytes of a file that a test takes its input from.
    package var testDataBytes = 16 << 20
    /// Faults that a report lists; further ones are only counted by the last.
    package var faults = 1_000

    /// The bounds that hold unless a caller has reason for others.
    package init() {}
}
