import Contracts
import ExactJSON
package import Store

/// What a shadow's command would have come to. Pure.
enum ShadowOutcome: Sendable {
    /// This would have been sent.
    case wouldSend(intent: JSON)
    /// It is there already.
    case isThere(Acceptance)
    case wouldBeRefused(Failure)

    /// Nil where the target has not been able to say yet.
    init?(_ preparation: Preparation) {
        switch preparation {
        case .ready(let intent): self = .wouldSend(intent: intent)
        case .settled(.accepted(let acceptance)): self = .isThere(acceptance)
        case .settled(.rejected(let failure)): self = .wouldBeRefused(failure)
        case .needsLedger, .settled(.deferred), .settled(.unknown): return nil
        }
    }

    var record: ShadowRecord {
        switch self {
        case .wouldSend(let intent): ShadowRecord(verdict: .wouldSend, intent: intent, summary: "")
        case .isThere(let acceptance):
            ShadowRecord(verdict: .isThere, intent: nil, summary: "\(acceptance.reference) \(acceptance.summary)")
        case .wouldBeRefused(let failure):
            ShadowRecord(
                verdict: .wouldBeRefused, intent: nil, summary: "\(failure.kind.code) \(failure.message)")
        }
    }
}
