package import ExactJSON

/// A canonical fact: a CloudEvents 1.0 document (JSON event format) with Millwright's extension attributes.
package struct Event: Sendable, Hashable {
    /// Unique within ``source``; from the fact itself, ascending.
    package var id: String
    /// `/{plant}/{asset}` or `/{plant}/{system}`.
    package var source: String
    /// `millwright.{family}.{fact}.v1`, or a type of the user's own.
    package var type: String
    /// What the fact is about: an order, a lot, a shipment.
    package var subject: String?
    /// When it happened.
    package var time: Instant
    /// Extension attributes by name (`plant`, `area`, `line`, `company`, `recordedtime`, `sequence`, `traceparent`, …), lower case.
    package var attributes: [String: String]
    /// The fact.
    package var data: JSON

    package init(
        id: String, source: String, type: String, subject: String? = nil, time: Instant,
        attributes: [String: String] = [:], data: JSON
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.attributes = attributes
        self.data = data
    }

    package var plant: String? { attributes["plant"] }

    /// The asset or system: the last segment of ``source``.
    package var asset: String { String(source.split(separator: "/").last ?? "") }

    /// What deliveries are ordered by unless a flow says otherwise.
    package var defaultKey: OrderingKey { OrderingKey(subject ?? source) }
}

/// What keeps a JSON document from being a CloudEvents 1.0 event.
package struct EventFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The attribute at fault, where one is.
    package let attribute: String?
    package let reason: String

    package init(attribute: String? = nil, _ reason: String) {
        self.attribute = attribute
        self.reason = reason
    }

    package var description: String { attribute.map { "\($0): \(reason)" } ?? reason }
}

extension Event {
    /// The attributes with a field of their own here.
    private static let named: Set<String> = [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data",
        "data_base64",
    ]

    /// Reads a structured-mode document; throws ``EventFault`` where it is no CloudEvents 1.0 event
    /// (CloudEvents 1.0.2, section 3.1; JSON format 1.0.2).
    package init(document: JSON) throws(EventFault) {
        guard let members = document.object else { throw EventFault("the event is not a JSON object") }
        guard members["specversion"]?.string == "1.0" else {
            throw EventFault(attribute: "specversion", "must be \"1.0\"")
        }
        func required(_ name: String) throws(EventFault) -> String {
            guard let text = members[name]?.string, !text.isEmpty else {
                throw EventFault(attribute: name, "is required and must be a string that is not empty")
            }
            return text
        }
        let timeText = members["time"]?.string
        let parsed = timeText.flatMap { Instant(text: $0) }
        if members["time"] != nil, parsed == nil {
            throw EventFault(attribute: "time", "must be an RFC 3339 time with a zone, not \(members["time"] ?? .null)")
        }
        guard let time = parsed else { throw EventFault(attribute: "time", "is required here") }
        var attributes: [String: String] = [:]
        for (name, value) in members where !Self.named.contains(name) {
            switch value {
            case .string(let text): attributes[name] = text
            case .number(let number): attributes[name] = number.description
            case .bool(let flag): attributes[name] = flag ? "true" : "false"
            default: throw EventFault(attribute: name, "an extension attribute must be a string, a number or a boolean")
            }
        }
        if let schema = members["dataschema"]?.string { attributes["dataschema"] = schema }
        self.init(
            id: try required("id"), source: try required("source"), type: try required("type"),
            subject: members["subject"]?.string, time: time, attributes: attributes,
            data: members["data"] ?? members["data_base64"].map { ["base64": $0] } ?? .null)
    }

    /// The structured-mode document as UTF-8, attributes in a fixed order.
    package var document: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        output.append(contentsOf: #"{"specversion":"1.0","id":"#.utf8)
        JSONWriter.write(id, to: &output)
        Self.append("source", source, to: &output)
        Self.append("type", type, to: &output)
        if let subject { Self.append("subject", subject, to: &output) }
        output.append(contentsOf: #","time":""#.utf8)
        output.append(contentsOf: time.text)
        output.append(UInt8(ascii: "\""))
        for name in attributes.keys.sorted() {
            if let value = attributes[name] { Self.append(name, value, to: &output) }
        }
        output.append(contentsOf: #","datacontenttype":"application/json","data":"#.utf8)
        JSONWriter.write(data, to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }

    private static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
        output.append(contentsOf: ",\"".utf8)
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: "\":".utf8)
        JSONWriter.write(value, to: &output)
    }
}
