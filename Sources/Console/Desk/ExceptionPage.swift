import Canonical
import Contracts
import ExactJSON
import Store

/// One exception with everything that is known of it, and what can be done: a pure function to HTML.
struct ExceptionPage {
    let now: Instant
    let story: ExceptionStory
    let said: [String]
    let visitor: Visitor
    let hasTokens: Bool

    var record: ExceptionRecord { story.record }
    var mayAct: Bool { visitor.scope >= .operates && visitor.formToken != nil && record.state == .open }

    var content: HTML {
        """
        <section class="card wide" aria-labelledby="title">
        <p><a href="/exceptions">Exceptions</a></p>
        <h1 id="title"><code>\(record.failure.kind.code)</code> \(record.failure.message)</h1>
        <p class="advice">\(record.failure.suggestion)</p>
        \(link)\(ExceptionsPage.said(said))<dl class="facts">\(facts)</dl>\(decide)</section>
        \(Self.columns([commands, event]))\(map)\(original)\(Self.columns([history, others]))

        """
    }

    /// Sections side by side, as far as there are any.
    private static func columns(_ sections: [HTML]) -> HTML {
        let sections = sections.filter { !$0.source.isEmpty }
        return sections.isEmpty ? "" : "<div class=\"columns\">\(sections)</div>\n"
    }

    /// The way to the record that it is about, in its own system.
    private var link: HTML {
        guard let subject = record.failure.subject else { return "" }
        return "<p><a href=\"\(subject.url)\" rel=\"noopener\">\(subject.invitation)</a></p>\n"
    }

    private var facts: [HTML] {
        var facts: [HTML] = ["<dt>exception</dt><dd>no. \(Int(record.id)), \(record.state.name)</dd>\n"]
        facts += story.facts.map { label, text in HTML("<dt>\(label)</dt><dd>\(text)</dd>\n") }
        return facts + [mappedBy]
    }

    private var mappedBy: HTML {
        guard let settings = story.settings, let words = story.mappedBy else { return "" }
        return "<dt>mapped by</dt><dd><a href=\"/settings/\(Int(settings.id))\">\(words)</a></dd>\n"
    }

    // MARK: - What can be done

    /// A form of this exception.
    func form(_ action: String, _ content: HTML, style: String = "row end") -> HTML {
        """
        <form class="\(style)" method="post" action="/exceptions/\(Int(record.id))/\(action)">
        \(Controls.hidden([("form", visitor.formToken ?? "")]))
        \(content)</form>

        """
    }

    private var decide: HTML {
        guard record.state == .open else { return "" }
        guard mayAct else {
            return ExceptionsPage.signIn(hasTokens, to: "/exceptions/\(record.id)")
        }
        let canResubmit = record.kind != .input && record.kind != .conflict
        let resubmit: HTML = canResubmit ? "<button name=\"action\" value=\"resubmit\">Resubmit</button>" : ""
        let decision: HTML = """
            \(Controls.field("note", "Why", hint: "needed to discard"))
            \(resubmit)<button name="action" value="discard" class="danger">Discard</button>
            """
        let assign: HTML = """
            \(Controls.field("to", "Give to", value: record.assignee ?? visitor.name ?? "", id: "assign-to"))
            <button name="action" value="assign" class="second">Give</button>
            """
        return "\(form("act", decision))\(form("act", assign))"
    }

    // MARK: - What it is about

    /// Text as it stands, which may be longer than its place: so it can be scrolled, by keyboard too.
    private static func block(_ label: String, _ text: String) -> HTML {
        "<pre class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(label)\">\(HTML(whole: text))</pre>\n"
    }

    private var commands: HTML {
        guard !story.deliveries.isEmpty else { return "" }
        let canEdit = mayAct && (record.kind == .rejected || record.kind == .map)
        let isJoined = story.deliveries.count > 1
        let parts = story.deliveries.prefix(20).map { delivery -> HTML in
            let id = Int(delivery.id)
            let hand: HTML = delivery.isEdited ? " <span class=\"sub\">written by hand</span>" : ""
            let name: HTML = "\(delivery.operation) for \(delivery.key.rawValue)\(hand)"
            let text = delivery.arguments.pretty
            let body: HTML
            if canEdit {
                let rows = min(24, max(4, text.split(separator: "\n").count + 1))
                let fields: HTML = """
                    <input type="hidden" name="delivery" value="\(id)">
                    \(Controls.area("arguments", "Arguments", text, id: "arguments-\(id)", rows: rows))
                    <div class="row"><button name="then" value="resubmit">Save and resubmit</button>\
                    <button name="then" value="nothing" class="second">Save</button></div>
                    """
                body = form("arguments", fields, style: "")
            } else {
                body = Self.block("Command", text)
            }
            return isJoined
                ? "<details><summary>delivery \(id): \(name)</summary>\(body)</details>\n" : "<h3>\(name)</h3>\(body)"
        }
        var joined: HTML = ""
        if isJoined, let arguments = record.arguments {
            joined = """
                <p class="empty">\(story.deliveries.count) events were joined into one command.</p>
                \(Self.block("Command", arguments.pretty))
                """
        }
        let more = story.deliveries.count - parts.count
        let rest: HTML = more > 0 ? "<p class=\"empty\">\(more) more are on the command line.</p>" : ""
        return """
            <section class="card" aria-labelledby="command-title"><h2 id="command-title">Command \
            <span class="sub">what is to be done at \(record.target?.rawValue ?? "the target")</span></h2>
            \(joined)\(parts)\(rest)</section>

            """
    }

    private var event: HTML {
        guard let entry = story.event, let document = story.document else { return "" }
        let canEdit = mayAct && (record.kind == .rejected || record.kind == .map)
        var edit: HTML = ""
        if canEdit {
            let data = (document["data"] ?? [:]).pretty
            let rows = min(24, max(4, data.split(separator: "\n").count + 1))
            let fields: HTML = """
                <p class="field">\(Controls.field("subject", "Subject", value: document["subject"]?.string ?? ""))</p>
                \(Controls.area("data", "Data", data, rows: rows))
                <div class="row"><button name="then" value="resubmit">Save and resubmit</button>\
                <button name="then" value="nothing" class="second">Save</button></div>
                """
            edit = """
                <details><summary>Correct what the event says, and map it again</summary>
                <p class="empty">The journal keeps what the machine said; the correction counts for this alone.</p>
                \(form("event", fields, style: ""))</details>
                """
        }
        return """
            <section class="card" aria-labelledby="event-title"><h2 id="event-title">Event \
            <span class="sub">stored \(PageFormat.stamp(entry.recorded))</span></h2>
            \(Self.block("Event", document.pretty))
            \(edit)
            <p><a href="/v1/exceptions/\(Int(record.id))">all of it as JSON</a></p></section>

            """
    }

    private var map: HTML {
        guard let map = story.map else { return "" }
        let cut: HTML =
            map.isCut ? "<p class=\"empty\">Its first \(PageFormat.bytes(KeptMap.maximumBytes)) are shown.</p>" : ""
        return """
            <section class="card wide" aria-labelledby="map-title"><h2 id="map-title">Map \
            <span class="sub">\(map.path), as it was when the event was mapped</span></h2>
            \(Self.block("Map", map.text))\(cut)</section>

            """
    }

    private var original: HTML {
        // Where the event is shown, its bytes say nothing more.
        guard story.event == nil, !record.original.isEmpty else { return "" }
        let text = String(validating: record.original, as: UTF8.self)
        let shown = text ?? Self.dump(record.original)
        var replace: HTML = ""
        if mayAct, record.kind == .input || record.kind == .conflict {
            let given = text.flatMap { try? JSONReader.read($0) }.flatMap { $0.object == nil ? nil : $0 }
            let document = (given ?? Self.blank(record, now)).pretty
            let fields: HTML = """
                \(Controls.area("document", "Event (CloudEvents, JSON)", document, rows: 18))
                <div class="row"><button>Store this event</button></div>
                """
            replace = """
                <details><summary>Put it right: store an event in its place</summary>\
                \(form("document", fields, style: ""))</details>
                """
        }
        let kind = text == nil ? "not UTF-8, byte by byte" : "as it came"
        return """
            <section class="card wide" aria-labelledby="original-title"><h2 id="original-title">Original \
            <span class="sub">\(PageFormat.bytes(record.original.count)), \(kind)</span></h2>
            \(Self.block("Original", shown))
            \(replace)</section>

            """
    }

    /// An event to begin with, where what came was none.
    private static func blank(_ record: ExceptionRecord, _ now: Instant) -> JSON {
        [
            "specversion": "1.0", "id": .string("by-hand-\(record.id)"), "source": .string("/plant/asset"),
            "type": "millwright.production.completed.v1", "subject": "", "time": .string(now.description),
            "datacontenttype": "application/json", "data": [:],
        ]
    }

    /// Sixteen bytes a line, as `hexdump` shows them; the first 4 KiB.
    private static func dump(_ bytes: [UInt8]) -> String {
        let lines = stride(from: 0, to: min(bytes.count, 4_096), by: 16).map { start -> String in
            let line = bytes[start..<min(start + 16, bytes.count)]
            let digits = line.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
            let text = line.map { (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
            let place = String(start, radix: 16)
            let zeros = String(repeating: "0", count: max(0, 6 - place.count))
            return zeros + place + "  " + digits + String(repeating: " ", count: (16 - line.count) * 3 + 2) + text
        }
        return lines.joined(separator: "\n") + (bytes.count > 4_096 ? "\n…" : "")
    }
}
