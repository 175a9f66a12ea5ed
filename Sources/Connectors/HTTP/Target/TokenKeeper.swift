import Canonical
import Contracts
import World

/// Keeps the access token, and gets another one before it expires: one request at a time, whoever waits for it.
actor TokenKeeper {
    /// How long before its end a token is not used any more; of a short-lived one a quarter of its life.
    static let margin = Duration.seconds(60)
    /// How long an issuer may take.
    static let timeout = Duration.seconds(30)

    private let request: TokenRequest
    private let trust: Trust
    private let network: any Network
    private let clock: any WorldClock
    /// The token, and until when it is used, by the clock that nobody sets.
    private var kept: (text: String, until: Duration)?
    private var isAsking = false
    private var waiting: [CheckedContinuation<Result<String, Deferral>, Never>] = []

    init(_ request: TokenRequest, trust: Trust, network: any Network, clock: any WorldClock) {
        self.request = request
        self.trust = trust
        self.network = network
        self.clock = clock
    }

    /// A token that is good for now. Throws where the issuer gives none.
    func token(secret: String) async throws(Deferral) -> String {
        if let kept, clock.uptime() < kept.until { return kept.text }
        if isAsking {
            return try await withCheckedContinuation { waiting.append($0) }.get()
        }
        isAsking = true
        let result = await ask(secret)
        isAsking = false
        let others = waiting
        waiting = []
        for other in others { other.resume(returning: result) }
        return try result.get()
    }

    /// The receiver refused what was sent as `value`; a token that was got meanwhile stays.
    func drop(_ value: String) {
        if let kept, value == "Bearer " + kept.text { self.kept = nil }
    }

    private func ask(_ secret: String) async -> Result<String, Deferral> {
        do throws(NetworkFailure) {
            let begun = clock.uptime()
            let response = try await network.send(
                request.request(secret: secret, trust: trust), timeout: Self.timeout,
                maximumBody: TokenRequest.maximumAnswer)
            do throws(Deferral) {
                let token = try request.token(response, secret: secret, now: clock.now())
                // Counted from before it was asked for: the issuer counts from some time between.
                kept = (token.text, begun + token.life - min(Self.margin, token.life / 4))
                return .success(token.text)
            } catch { return .failure(error) }
        } catch {
            return .failure(TokenRequest.deferral("\(request.place) cannot be asked: \(error.detail)"))
        }
    }
}
