package import Contracts
import ExactJSON
package import World

/// What an edge makes of its hub's answer to a batch.
package struct UplinkVerdict: Sendable {
    /// What to do next.
    package enum Decision: Sendable {
        /// The hub has everything up to here; go on behind it.
        case progress(Int64)
        /// Send fewer events at a time.
        case tooLarge(Failure)
        /// Try again later: nothing is known to be stored.
        case wait(Deferral)
        /// Waiting cannot help: a person is needed.
        case halt(Failure)
    }

    package let decision: Decision
    /// How far this node's clock is ahead of the hub's, where the hub said so.
    package let skew: Duration?

    /// Reads the response to the batch of `header`.
    package init(_ response: HTTPResponse, to header: StreamHeader, hub: HubAddress) {
        let answer = HubAnswer(response.body)
        skew = answer?.skew
        decision =
            switch response.status {
            case 200, 409: Self.settled(answer, header, hub)
            default: Self.refused(response, answer, hub)
            }
    }

    private static func settled(_ answer: HubAnswer?, _ header: StreamHeader, _ hub: HubAddress) -> Decision {
        guard let answer, let position = answer.position else {
            return .wait(
                Deferral(Failure(NodeFailures.answer, "\(hub.url) answered without a position"), isTargetDown: true))
        }
        let last = header.first + Int64(header.count) - 1
        switch answer.status {
        case .stored where position >= last: return .progress(position)
        // The hub may be behind what it once said, when it was restored: it is sent again from where it is.
        case .gap where position < header.first - 1: return .progress(position)
        case .conflict:
            return .halt(
                Failure(
                    NodeFailures.conflict,
                    """
                    \(hub.url) has other events than this node under the numbers \(header.first) to \(last) of its \
                    lane \(header.lane.name) (epoch \(header.epoch)); it is at \(position)
                    """))
        default:
            return .wait(
                Deferral(
                    Failure(
                        NodeFailures.answer,
                        "\(hub.url) answered \(answer.status.rawValue) at \(position) to the events "
                            + "\(header.first) to \(last), which makes no sense"), isTargetDown: true))
        }
    }

    private static func refused(_ response: HTTPResponse, _ answer: HubAnswer?, _ hub: HubAddress) -> Decision {
        let said = answer?.problem.map { "\($0.code): \($0.message)" } ?? "status \(response.status)"
        let pause = retryAfter(response)
        func wait(_ kind: FailureKind, _ suggestion: String? = nil) -> Decision {
            .wait(
                Deferral(
                    Failure(kind, "\(hub.url) answered \(said)", suggestion: suggestion), after: pause,
                    isTargetDown: true))
        }
        switch response.status {
        case 401, 403:
            if answer?.problem?.code == NodeFailures.clock.code { return wait(NodeFailures.clock) }
            return wait(NodeFailures.refused, hub.enrolment)
        case 413: return .tooLarge(Failure(NodeFailures.tooLarge, "\(hub.url) answered \(said)"))
        case 404, 405:
            return wait(
                NodeFailures.answer,
                "Check the address, and that the hub's settings have a source with `protocol: edges`.")
        // Damaged on its way: what is sent next is made anew.
        case 400 where answer?.problem?.code == NodeFailures.compression.code: return wait(NodeFailures.compression)
        case 400..<500 where response.status != 408 && response.status != 429:
            return .halt(
                Failure(
                    NodeFailures.answer, "\(hub.url) answered \(said)",
                    suggestion: answer?.problem.map(\.suggestion) ?? NodeFailures.answer.remedy))
        default: return wait(NodeFailures.busy)
        }
    }

    /// What `Retry-After` says, kept between 1 s and 5 min; nil where it says nothing usable.
    static func retryAfter(_ response: HTTPResponse) -> Duration? {
        RetryAfter.wait(response.headers, atMost: .seconds(300))
    }
}
