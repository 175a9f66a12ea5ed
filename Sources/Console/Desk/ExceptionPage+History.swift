import Canonical
import Store

extension ExceptionPage {
    /// What people did and said.
    var history: HTML {
        let notes = story.notes.map { note -> HTML in
            let what: HTML =
                switch note.kind {
                case .comment: "<p>\(note.text)</p>"
                case .assigned: "<p>given to \(note.text)</p>"
                case .edited: "<p>changed: <code>\(note.text)</code></p>"
                case .failed: "<p>tried: \(note.text)</p>"
                }
            return "<li><p class=\"when\">\(Controls.stamp(note.time)) · \(note.by)</p>\(what)</li>\n"
        }
        let began: HTML =
            "<li><p class=\"when\">\(Controls.stamp(record.created))</p><p>\(record.failure.message)</p></li>\n"
        var end: HTML = ""
        if let settled = record.settled {
            let note = record.note.map { ": \($0)" } ?? ""
            end = """
                <li><p class="when">\(Controls.stamp(settled)) · \(record.settledBy ?? "")</p>\
                <p>\(record.state.name)\(note)</p></li>

                """
        }
        var comment: HTML = ""
        if mayAct {
            comment = form(
                "act",
                """
                \(Controls.field("note", "Comment", id: "comment", isRequired: true))
                <button name="action" value="comment" class="second">Add</button>
                """)
        }
        return """
            <section class="card" aria-labelledby="history-title"><h2 id="history-title">History</h2>
            <ol class="history">\(began)\(notes)\(end)</ol>\(comment)</section>

            """
    }

    /// Others of the same event.
    var others: HTML {
        guard !story.others.isEmpty else { return "" }
        let items = story.others.map { other -> HTML in
            """
            <li><a href="/exceptions/\(Int(other.id))">no. \(Int(other.id))</a> \(other.state.name) · \
            <code>\(other.failure.kind.code)</code> \(other.failure.message)</li>

            """
        }
        return """
            <section class="card" aria-labelledby="others-title"><h2 id="others-title">Others of the same event</h2>
            <ol class="history">\(items)</ol></section>

            """
    }
}
