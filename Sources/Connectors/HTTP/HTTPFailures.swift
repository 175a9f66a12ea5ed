package import Contracts

/// What the HTTP source sets aside or refuses.
package enum HTTPFailures {
    package static let notJSON = FailureKind(
        "HTTP-001", "the body is not JSON",
        remedy: "correct the sender's JSON at the place that is named, and send the request again")
    package static let notEvent = FailureKind(
        "HTTP-002", "no CloudEvents 1.0 event",
        remedy: "give the event specversion \"1.0\", id, source, type and an RFC 3339 time, and send it again")
    package static let data = FailureKind(
        "HTTP-003", "the data does not fit the event's type",
        remedy: "correct the field that is named in the sender, and send the event again")
    package static let source = FailureKind(
        "HTTP-004", "the source is not a plant's /plant/asset",
        remedy: "set source to /{plant}/{asset} as plants.yaml names them, and send the event again")
    package static let tooLarge = FailureKind(
        "HTTP-005", "the event is too large",
        remedy:
            "send events of at most the size that is named; keep files and pictures elsewhere and send their address")
    package static let header = FailureKind(
        "HTTP-006", "a ce- header cannot be read",
        remedy: "send attributes as RFC 9110 header values, percent-encoded as the CloudEvents HTTP binding says")

    package static let type = FailureKind(
        "HTTP-019", "no canonical type",
        remedy: "correct the type in the sender, or take one of your own that does not begin with \"millwright.\"")

    /// All kinds, for the error reference.
    package static let all = [notJSON, notEvent, data, source, tooLarge, header, type]
}
