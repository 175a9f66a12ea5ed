import Canonical

/// Parts of forms and tables that several pages share.
enum Controls {
    /// A text field with its label.
    static func field(
        _ name: String, _ label: String, value: String = "", id: String? = nil, type: String = "text",
        isRequired: Bool = false, hint: String? = nil
    ) -> HTML {
        let id = id ?? name
        let required: HTML = isRequired ? " required" : ""
        let placeholder: HTML = hint.map { " placeholder=\"\($0)\"" } ?? ""
        return """
            <span class="field"><label for="\(id)">\(label)</label>\
            <input id="\(id)" name="\(name)" type="\(type)" value="\(value)"\(required)\(placeholder)></span>

            """
    }

    /// A choice of words with its label.
    static func choice(
        _ name: String, _ label: String, _ options: [(value: String, text: String)], chosen: String, id: String? = nil
    ) -> HTML {
        let id = id ?? name
        let items = options.map { value, text -> HTML in
            let selected: HTML = value == chosen ? " selected" : ""
            return "<option value=\"\(value)\"\(selected)>\(text)</option>"
        }
        return """
            <span class="field"><label for="\(id)">\(label)</label>\
            <select id="\(id)" name="\(name)">\(items)</select></span>

            """
    }

    /// A text of several lines with its label.
    static func area(_ name: String, _ label: String, _ text: String, id: String? = nil, rows: Int) -> HTML {
        let id = id ?? name
        // A line break after the tag is not part of the text (HTML, section 13.1.2.5).
        return """
            <p class="field"><label for="\(id)">\(label)</label>\
            <textarea id="\(id)" name="\(name)" rows="\(rows)" spellcheck="false">
            \(HTML(whole: text))</textarea></p>

            """
    }

    static func hidden(_ pairs: [(name: String, value: String)]) -> [HTML] {
        pairs.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" }
    }

    /// How long ago something was, with the exact time at hand.
    static func ago(_ instant: Instant, now: Instant) -> HTML {
        let text = PageFormat.ago(instant, now: now)
        return "<time datetime=\"\(instant.description)\" title=\"\(PageFormat.stamp(instant))\">\(text)</time>"
    }

    static func stamp(_ instant: Instant) -> HTML {
        "<time datetime=\"\(instant.description)\">\(PageFormat.stamp(instant))</time>"
    }
}
