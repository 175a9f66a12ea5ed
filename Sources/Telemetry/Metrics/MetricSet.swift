package import Canonical
package import Contracts

/// What all metrics say at one moment. Bounded: a metric has at most ``maximumSeries`` series, and what is beyond is
/// counted and left out.
package struct MetricSet: Sendable {
    /// One value of a series.
    package enum Value: Sendable, Hashable {
        case count(Int)
        /// In microseconds; shown in seconds.
        case time(Int64)
        case histogram(Histogram)
    }

    /// One series: the values of its metric's labels, and its value.
    package struct Series: Sendable, Hashable {
        package let labels: [String]
        package let value: Value
    }

    /// A metric with its series, in the order in which they came.
    package struct Family: Sendable, Hashable {
        package let metric: Metric
        package fileprivate(set) var series: [Series] = []
        /// Since when its counts are counted.
        package let since: Instant
    }

    /// Series that one metric has at most: names of sources, targets, flows, edges and routes are many in a large node,
    /// and never without end.
    package static let maximumSeries = 1_000
    /// Bytes of a label's value at most; longer ones are cut.
    package static let maximumLabelBytes = 128

    /// When it was put together.
    package let time: Instant
    package private(set) var families: [Family] = []
    /// Series that were left out.
    package private(set) var dropped = 0
    private var places: [String: Int] = [:]
    private var seen: Set<Name> = []

    private struct Name: Hashable {
        let metric: String
        let labels: [String]
    }

    package init(time: Instant) { self.time = time }

    /// Adds a series. `since`: when counting began; what is no count needs none. A second one with the same labels is
    /// passed over, as is one with another number of labels than its metric has.
    package mutating func add(_ metric: Metric, _ labels: [String] = [], _ value: Value, since: Instant) {
        guard labels.count == metric.labels.count else { return }
        let labels = labels.map(Self.cut)
        guard seen.insert(Name(metric: metric.name, labels: labels)).inserted else { return }
        let place = places[metric.name] ?? families.count
        if place == families.count {
            places[metric.name] = place
            families.append(Family(metric: metric, since: since))
        }
        guard families[place].series.count < Self.maximumSeries else {
            dropped += 1
            return
        }
        families[place].series.append(Series(labels: labels, value: value))
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumLabelBytes else { return text }
        var cut = ""
        for character in text {
            guard cut.utf8.count + character.utf8.count <= maximumLabelBytes else { break }
            cut.append(character)
        }
        return cut
    }
}
