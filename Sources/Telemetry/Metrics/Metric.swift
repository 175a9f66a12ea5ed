/// One metric: what it is called, what it counts, and what its number asks of a person. All that is served, sent and
/// written about it is made of this.
package struct Metric: Sendable, Hashable {
    /// How its number behaves.
    package enum Kind: String, Sendable {
        /// Only grows; begins at zero again when its node, or its settings, begin anew.
        case counter
        case gauge
        case histogram
        /// Always 1; its labels are what it says.
        case info
    }

    /// Base units, as Prometheus names them.
    package enum Unit: String, Sendable {
        case none = "", seconds, bytes

        /// The code of UCUM, which OpenTelemetry uses.
        var ucum: String {
            switch self {
            case .none: "1"
            case .seconds: "s"
            case .bytes: "By"
            }
        }
    }

    /// As Prometheus has it: `millwright_source_events_total`.
    package let name: String
    package let kind: Kind
    package let unit: Unit
    /// The names of its labels, in the order of their values.
    package let labels: [String]
    /// What it counts, in a sentence.
    package let help: String
    /// What to do about it, in a sentence; empty where the number itself asks for nothing.
    package let action: String

    init(
        _ name: String, _ kind: Kind, _ unit: Unit = .none, _ labels: [String] = [], _ help: String, action: String = ""
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.help = help
        self.action = action
    }

    /// Its name without what only tells that it is a counter, or an information.
    var family: String {
        switch kind {
        case .counter: name.hasSuffix("_total") ? String(name.dropLast(6)) : name
        case .info: name.hasSuffix("_info") ? String(name.dropLast(5)) : name
        case .gauge, .histogram: name
        }
    }
}
