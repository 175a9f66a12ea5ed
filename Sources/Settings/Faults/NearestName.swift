import Contracts

extension NearestName {
    /// `did you mean "odoo"?`, or else what there is: `there are: hub, odoo`, or `fallback` where there is nothing.
    static func advice(_ name: String, among candidates: some Collection<String>, fallback: String) -> String {
        if let nearest = of(name, among: candidates) { return "did you mean \"\(nearest)\"?" }
        if candidates.isEmpty { return fallback }
        let sorted = candidates.sorted()
        let shown = sorted.prefix(12).joined(separator: ", ")
        return "choose from: \(shown)\(sorted.count > 12 ? ", … (\(sorted.count) in all)" : "")"
    }
}
