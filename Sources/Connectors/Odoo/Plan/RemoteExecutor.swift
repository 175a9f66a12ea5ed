import Canonical
import Contracts
import ExactJSON

/// Carries plans out over plain RPC, call by call, and looks afterwards whether they had their effect.
///
/// Nothing is silently doubled: every step may be repeated, and after an unknown outcome the evidence is asked first.
struct RemoteExecutor: Sendable {
    let session: OdooSession
    /// The store that the commands come from: what another node of the same user is told apart by.
    let writer: String

    /// How old a plan may be to be carried out without looking again.
    static let freshness = Duration.seconds(30)

    private var connection: OdooConnection { session.connection }

    /// `rest`: makes the second plan of a command that needs one.
    func perform(
        _ plan: OdooPlan, started: Instant, rest: (OdooPlan) async throws(OdooError) -> OdooPlan
    ) async throws(OdooError) -> Outcome {
        // Where no look tells, none is taken: a plan is carried out once, and a lost answer is a question of its own.
        if session.clock.now().since(started) > Self.freshness, plan.evidence.subject != .unknowable {
            let (standing, records) = try await session.look(plan.evidence)
            switch standing {
            case .done: return .accepted(plan.accepted(records))
            case .elsewhere(let words): throw .changedMeanwhile(words)
            case .notDone where plan.isReadAnew:
                throw .changedMeanwhile(
                    "what was read of \(plan.evidence.model) is \(session.clock.now().since(started)) old")
            case .notDone: break
            }
        }
        let first = try await carryOut(plan.steps)
        guard plan.rest != nil else { return .accepted(plan.accepted(first.records)) }
        let second: OdooPlan
        do throws(OdooError) {
            second = try await rest(plan)
        } catch {
            throw error.over(first.stands)
        }
        let end = try await carryOut(second.steps, over: first.stands)
        return .accepted(second.accepted(first.records.merging(end.records) { $1 }))
    }

    static func inquire(_ plan: OdooPlan, in session: OdooSession) async throws(OdooError) -> Inquiry {
        let (standing, records) = try await session.look(plan.evidence)
        return switch standing {
        case .done: .happened(plan.accepted(records))
        case .notDone: .notFound
        case .elsewhere(let words): .cannotTell(Failure(OdooFailures.cannotTell, words))
        }
    }

    // MARK: Steps

    /// What the steps so far found out.
    private struct Progress {
        var records: [String: Int] = [:]
        var hasWritten = false
        /// A window that Odoo would have opened for a person.
        var window: String?
        /// What a refusal of a later step leaves in place.
        var stands: StandingSteps

        func fill(_ value: JSON) -> JSON { PlanReference.fill(value, records) }
    }

    /// `stands`: what was done of the same command before.
    private func carryOut(
        _ steps: [PlanStep], over stands: StandingSteps = StandingSteps()
    ) async throws(OdooError) -> Progress {
        var progress = Progress(stands: stands)
        do throws(OdooError) {
            try await carryOut(steps, &progress)
        } catch {
            throw error.over(progress.stands)
        }
        return progress
    }

    private func carryOut(_ steps: [PlanStep], _ progress: inout Progress) async throws(OdooError) {
        for step in steps {
            if case .guarded(let model, let ids, let domain, let refusal) = step {
                do throws(OdooError) {
                    guard try await stops(model, progress.fill(ids), domain, refusal, progress.window) else { continue }
                    return
                } catch {
                    throw progress.hasWritten ? error.asLook : error
                }
            }
            do throws(OdooError) {
                try await session.lease?.hold(as: writer)
            } catch {
                throw progress.hasWritten ? error.asLook : error
            }
            do throws(OdooError) {
                try await change(step, &progress)
                await session.lease?.ended(isKnown: true)
            } catch {
                await session.lease?.ended(isKnown: error.verdict != .unknown)
                throw error
            }
            progress.hasWritten = true
        }
    }

    /// Whether a guard says that the goal is reached. Throws what it refuses.
    private func stops(
        _ model: String, _ ids: JSON, _ domain: JSON, _ refusal: PlanStep.Refusal, _ window: String?
    ) async throws(OdooError) -> Bool {
        guard try await chosen(model, ids, domain).count != ids.array?.count else { return false }
        guard case .code(let code) = refusal else { return true }
        throw try await contradiction(model, ids, domain, code, window)
    }

    private func change(_ step: PlanStep, _ progress: inout Progress) async throws(OdooError) {
        switch step {
        case .guarded: break
        case .ensure(let model, let domain, let values, let context, let alias):
            let (id, isMade) = try await ensure(
                model, progress.fill(domain), progress.fill(values), context.mapValues(progress.fill))
            progress.records[alias] = id
            if isMade { progress.stands.add(step, on: [id]) }
        case .create(let model, let values, let context, let alias):
            let call = OdooCall(
                model, "create", ["vals_list": [progress.fill(values)]], context: context.mapValues(progress.fill))
            let answer = try await connection.call(call)
            progress.records[alias] = answer[0]?.int ?? answer.int
        case .write(let model, let ids, let values, let when):
            let ids = try await chosen(model, progress.fill(ids), when)
            guard !ids.isEmpty else { return }
            _ = try await connection.call(.write(model, ids, progress.fill(values)))
            progress.stands.add(step, on: ids)
        case .call(let model, let method, let ids, let arguments, let context, let when, let alias):
            if method == "load", let alias, let known = try await loaded(arguments) {
                progress.records[alias] = known
                return
            }
            var records: [Int]?
            if let ids {
                let found = try await chosen(model, progress.fill(ids), when)
                guard !found.isEmpty else { return }
                records = found
            }
            let answer = try await connection.call(
                OdooCall(
                    model, method, ids: records, arguments.mapValues(progress.fill),
                    context: context.mapValues(progress.fill)))
            progress.window = answer["res_model"]?.string ?? progress.window
            if method == "load" {
                let id = try LoadAnswer.id(answer, model: model)
                if let alias { progress.records[alias] = id }
                records = [id]
            }
            progress.stands.add(step, on: records ?? [])
        }
    }

    /// The record with lines that is there under its name: loaded once more, it would be changed.
    private func loaded(_ arguments: JSONObject) async throws(OdooError) -> Int? {
        let hasLines = (arguments["fields"]?.array ?? []).contains { $0.string?.hasSuffix("/id") == true }
        guard hasLines, let name = arguments["data"]?[0]?[0]?.string else { return nil }
        return try await session.record(externalID: String(name.dropFirst(ExternalID.qualified("").count)))
    }

    /// Those of the records that match `when`; all where there is nothing to match.
    private func chosen(_ model: String, _ ids: JSON, _ when: JSON?) async throws(OdooError) -> [Int] {
        let ids = ids.array?.compactMap(\.int) ?? []
        guard let when, !ids.isEmpty else { return ids }
        let domain: JSON = .array([["id", "in", .array(ids.map { .int($0) })]] + (when.array ?? []))
        return try await session.rows(.find(model, domain, ["id"], limit: ids.count, archived: true)).map(\.id)
    }

    /// What a record that contradicts a guard holds, as the guard's failure.
    private func contradiction(
        _ model: String, _ ids: JSON, _ domain: JSON, _ code: String, _ window: String?
    ) async throws(OdooError) -> OdooError {
        let fields = (domain.array ?? []).compactMap { $0[0]?.string }
        let ids = ids.array?.compactMap(\.int) ?? []
        let rows = try await session.rows(.read(model, ids, ["display_name"] + fields))
        let words = rows.map { row in
            let held = fields.map { "\($0) is \(row.json[$0]?.string ?? row.json[$0]?.description ?? "nothing")" }
            return "\(row.text("display_name") ?? "\(model) #\(row.id)"): " + held.joined(separator: ", ")
        }
        let opened = window.map { "; Odoo opened the window \($0)" } ?? ""
        guard rows.count == ids.count else {
            return .reject(OdooFailures.gone, "\(model) \(ids.map(String.init).joined(separator: ", ")) is not there")
        }
        return .refused(code, words.joined(separator: "; ") + opened)
    }

    /// The one record that fits, and whether it was made for that.
    private func ensure(
        _ model: String, _ domain: JSON, _ values: JSON, _ context: JSONObject
    ) async throws(OdooError) -> (Int, isMade: Bool) {
        if let id = try await one(model, domain) { return (id, false) }
        var refusal: OdooError?
        do {
            // The answer is not used: an early 18.0 answers with text.
            _ = try await connection.call(
                OdooCall(model, "create", ["vals_list": [values]], context: context))
        } catch {
            // Somebody may have made the same one in this moment: looking again tells.
            guard error.failure.kind == OdooFailures.constraint else { throw error }
            refusal = error
        }
        if let id = try await one(model, domain) { return (id, refusal == nil) }
        throw refusal
            ?? .reject(OdooFailures.constraint, "\(model) with \(values.description.prefix(200)) cannot be made")
    }

    private func one(_ model: String, _ domain: JSON) async throws(OdooError) -> Int? {
        try await session.rows(.find(model, domain, ["id"], limit: 1)).first?.id
    }
}

extension OdooError {
    static func changedMeanwhile(_ words: String) -> OdooError {
        OdooError(.deferred(after: nil, isTargetDown: false), Failure(OdooFailures.changedMeanwhile, words))
    }

    /// What a guard refused, by its code.
    static func refused(_ code: String, _ words: String) -> OdooError {
        guard code != OdooFailures.changedMeanwhile.code else { return .changedMeanwhile(words) }
        return .reject(OdooFailures.all.first { $0.code == code } ?? OdooFailures.businessRule, words)
    }

    /// The same trouble, met in a look after something was written: the fate is open.
    fileprivate var asLook: OdooError {
        guard case .deferred = verdict, failure.kind != OdooFailures.changedMeanwhile else { return self }
        return OdooError(.unknown, failure, exception: exception, record: record)
    }
}
