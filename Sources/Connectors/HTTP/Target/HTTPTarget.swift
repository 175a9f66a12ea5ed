package import Canonical
package import Contracts
import ExactJSON
package import NodeSecurity
import Synchronization
package import World

/// Sends each command as one HTTP request to a receiver of the user's own choice.
///
/// A receiver cannot be asked whether a request was carried out. So where that is not known, a request is sent again
/// only where twice is as once, by its method or by its key, and everything else goes to a person.
package final class HTTPTarget: Target {
    package let name: TargetName
    package let settlingTime: Duration

    private let options: HTTPTargetOptions
    private let maker: RequestMaker
    private let credentials: HTTPCredentials?
    private let signatures: [WebhookSignature]
    private let signingSecrets: [String]
    private let world: World
    private let brake = Mutex(DoubtBrake())
    /// What became of requests whose fate is not known, for the words to a person.
    private let doubts = Mutex<[Int64: String]>([:])
    private static let maximumDoubts = 1_000

    /// From settings checked by ``HTTPSpec/target``. Reads the secrets and connects to nobody. Throws ``SettingFault``,
    /// or the ``Failure`` of a secret that cannot be used.
    package init(name: TargetName, settings: Settings, secrets: SecretReader, world: World) throws {
        self.name = name
        self.world = world
        options = try HTTPTargetOptions(settings)
        settlingTime = options.settle
        let trust = options.trust
        credentials = try settings.optional(HTTPTargetFields.auth).map {
            try HTTPCredentials($0, secrets: secrets, trust: trust, world: world)
        }
        let references = try settings.optional(HTTPTargetFields.signing).map { try $0(HTTPTargetFields.secrets) } ?? []
        var signatures: [WebhookSignature] = []
        var shown: [String] = []
        for reference in references {
            let secret = try secrets.read(reference)
            guard let signature = WebhookSignature(secret: secret) else {
                throw Failure(
                    HTTPTargetFailures.signing,
                    "target \(name): what \(reference) holds is no secret of Standard Webhooks")
            }
            signatures.append(signature)
            shown.append(secret.reveal)
        }
        self.signatures = signatures
        signingSecrets = shown
        maker = RequestMaker(options: options)
    }

    package static var operations: [OperationSpec] { HTTPSpec.target.operations }

    // MARK: - Commands

    /// Makes the request, and sees that there is something to send it with.
    package func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        let request: PlannedRequest
        do {
            request = try maker.request(command.arguments)
        } catch { return .settled(.rejected(error)) }
        let isRepeatable = maker.isRepeatable(method: request.method, keyHeader: options.keyHeader)
        if command.mayBeDone, !command.isDecided, !isRepeatable {
            return .settled(
                .rejected(Failure(HTTPTargetFailures.mayBeDone, "\(request.words) may have been sent before a restore"))
            )
        }
        if !isRepeatable, let wait = brake.withLock({ $0.wait(now: steady) }) {
            let failure = Failure(HTTPTargetFailures.held, "\(request.words) waits: \(name) does not answer")
            return .settled(.deferred(Deferral(failure, after: wait, isTargetDown: true)))
        }
        do {
            // Without a token nothing is stored as under way.
            _ = try await credentials?.stamp()
        } catch { return .settled(.deferred(error)) }
        return .ready(intent: [
            "method": .string(request.method), "address": .string(request.address),
            "keyHeader": .string(options.keyHeader),
        ])
    }

    /// Sends the request, and once more at once where who sends it was refused and has changed since.
    package func perform(_ attempt: Attempt) async -> Outcome {
        let request: PlannedRequest
        do {
            request = try maker.request(attempt.command.arguments)
        } catch { return .rejected(error) }
        do {
            var stamp = try await credentials?.stamp()
            var (result, verdict) = await exchange(request, attempt.command, stamp)
            // What is refused for who sends it was not done; with another secret or token it goes at once.
            if case .success(let response) = result, response.status == 401, let credentials, let used = stamp,
                await credentials.renew(after: used)
            {
                stamp = try await credentials.stamp()
                (result, verdict) = await exchange(request, attempt.command, stamp)
            }
            return outcome(result, verdict, of: request, attempt.command)
        } catch {
            return .deferred(error)
        }
    }

    /// Nobody can be asked. What may be repeated counts as not there, once the receiver cannot be working on it any
    /// more; everything else is a person's.
    package func inquire(_ attempt: Attempt) async -> Inquiry {
        let method = attempt.intent["method"]?.string ?? "POST"
        // Also where nobody needs the words: there is room for so many.
        let doubt = doubts.withLock { $0.removeValue(forKey: attempt.command.id) }
        if maker.isRepeatable(method: method, keyHeader: attempt.intent["keyHeader"]?.string) { return .notFound }
        let address = attempt.intent["address"]?.string ?? options.endpoint
        let words = doubt ?? "the node ended while \(method) \(address.prefix { $0 != "?" }) was under way"
        return .cannotTell(Failure(HTTPTargetFailures.fateUnknown, words))
    }

    // MARK: - One exchange

    private var steady: Instant { Instant(microseconds: world.clock.uptime().microseconds) }

    private func exchange(
        _ planned: PlannedRequest, _ command: Command, _ stamp: HTTPCredentials.Stamp?
    ) async -> (Result<HTTPResponse, NetworkFailure>, HTTPVerdict) {
        let key = IdempotencyKey.text(of: command)
        var fields = planned.headers
        fields.append((options.keyHeader, options.quotesKey ? "\"\(key)\"" : key))
        if let trace = command.traceparent.flatMap({ Traceparent($0) }) { fields.append(("traceparent", "\(trace)")) }
        if let stamp { fields.append((stamp.name, stamp.value)) }
        if !signatures.isEmpty {
            fields += WebhookSignature.fields(signatures, id: key, at: world.clock.now(), body: planned.body)
        }
        let request = HTTPRequest(
            method: planned.method, target: planned.address, headers: HTTPHeaders(fields), body: planned.body,
            trust: options.trust)
        let verdict = HTTPVerdict(
            table: options.table, reference: options.reference, settle: options.settle,
            excerpt: AnswerExcerpt(secrets: signingSecrets + (stamp?.secrets ?? [])))
        do throws(NetworkFailure) {
            let response = try await world.network.send(
                request, timeout: options.timeout, maximumBody: options.maximumAnswer)
            return (.success(response), verdict)
        } catch {
            return (.failure(error), verdict)
        }
    }

    private func outcome(
        _ result: Result<HTTPResponse, NetworkFailure>, _ verdict: HTTPVerdict, of request: PlannedRequest,
        _ command: Command
    ) -> Outcome {
        let outcome: Outcome
        switch result {
        case .success(let response):
            outcome = verdict.outcome(
                response, of: request,
                isRepeatable: maker.isRepeatable(method: request.method, keyHeader: options.keyHeader),
                isKeyed: options.repeats == .keyed, now: world.clock.now())
        case .failure(let failure): outcome = verdict.outcome(failure, of: request)
        }
        if case .unknown(let failure) = outcome {
            brake.withLock { $0.lost(now: steady) }
            doubts.withLock { doubts in
                if doubts.count < Self.maximumDoubts { doubts[command.id] = failure.message }
            }
        } else if case .success = result {
            brake.withLock { $0.answered() }
        }
        return outcome
    }
}
