import Canonical
import Store

extension ExceptionsPage {
    /// Which exceptions are shown: a form that needs no script.
    var filters: HTML {
        let states = [("open", "open"), ("settled", "settled"), ("all", "all")].map { (value: $0.0, text: $0.1) }
        let people =
            [(value: "", text: "anybody"), (value: "-", text: "nobody")] + assignees.map { (value: $0, text: $0) }
        let person = filter.assignee.map { $0.isEmpty ? "-" : $0 } ?? ""
        let kept = filter.words.filter { ["cause", "code", "source", "key"].contains($0.name) }
        return """
            <form class="row end" method="get" action="/exceptions" role="search">\(Controls.hidden(kept))
            \(Controls.field("text", "Text", value: filter.text ?? "", hint: "order, event, message"))
            \(Controls.field("target", "Target", value: filter.target ?? ""))
            \(Controls.choice("state", "State", states, chosen: filter.progress.rawValue))
            \(Controls.choice("assignee", "Looked after by", people, chosen: person))
            \(moreFilters)<button class="second">Show</button></form>
            """
    }

    /// What is asked for less often: out of the way, unless it is asked for now.
    private var moreFilters: HTML {
        let kinds =
            [(value: "", text: "any")]
            + ExceptionRecord.Kind.allCases.map { (value: $0.rawValue, text: $0.rawValue) }
        let isUsed = filter.words.contains { ["kind", "flow", "since", "until"].contains($0.name) }
        let open: HTML = isUsed ? " open" : ""
        return """
            <details\(open)><summary>Kind, flow, time</summary><div class="row">
            \(Controls.choice("kind", "Kind", kinds, chosen: filter.kind ?? ""))
            \(Controls.field("flow", "Flow", value: filter.flow ?? ""))
            \(Self.moment("since", "From (UTC)", filter.since))
            \(Self.moment("until", "Before (UTC)", filter.until))</div></details>
            """
    }

    /// A field for a day and a time, which browsers send without a zone.
    private static func moment(_ name: String, _ label: String, _ value: Instant?) -> HTML {
        let text = value.map { String($0.description.prefix(19)) } ?? ""
        return """
            <span class="field"><label for="\(name)">\(label)</label><input id="\(name)" name="\(name)" \
            type="datetime-local" step="1" value="\(text)"></span>

            """
    }
}
