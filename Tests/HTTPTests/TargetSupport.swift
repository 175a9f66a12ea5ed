import Canonical
import Contracts
import ExactJSON
import Foundation
import NodeSecurity
import Synchronization
import World
import WorldLive

@testable import HTTPConnector

/// A target, its settings and its commands, made by hand.
enum Target {
    static let secret = "s3cret/with+marks"
    static let webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    /// What the secrets of settings are read from.
    static let environment = [
        "MES": secret, "HOOK": webhookSecret, "OLDHOOK": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ]
    static let location = SettingLocation(file: "targets/mes.yaml", line: 1, column: 1)

    /// Settings as the reader makes them of YAML, with defaults.
    ///
    /// `file`: where the secrets are, instead of in the environment.
    static func settings(
        _ json: JSON, _ fields: [FieldSpec] = HTTPSpec.target.fields, file: String? = nil
    ) -> Settings {
        var values: [String: SettingValue] = [:]
        for (name, value) in json.object ?? [:] {
            guard let field = fields.first(where: { $0.name == name }) else { fatalError("no field \(name)") }
            values[name] = self.value(value, field.kind, file)
        }
        for field in fields where values[field.name] == nil {
            if let text = field.defaultText { values[field.name] = value(.string(text), field.kind, file) }
        }
        return Settings(values: values, location: location)
    }

    private static func value(_ json: JSON, _ kind: FieldKind, _ file: String?) -> SettingValue {
        let text = json.string ?? json.description
        switch kind {
        case .integer: return .integer(json.int ?? 0)
        case .bytes: return .integer(text.hasSuffix("MiB") ? (Int(text.dropLast(3)) ?? 0) << 20 : Int(text) ?? 0)
        case .duration: return .duration(.seconds(Int(text.dropLast()) ?? 0))
        case .secret: return .secret(file.map { .file($0) } ?? .environment(text))
        case .oneOrMany(let element), .list(let element):
            return .list((json.array ?? [json]).map { value($0, element, file) })
        case .map(let element):
            return .map((json.object ?? [:]).map { (key: $0.key, value: value($0.value, element, file)) })
        case .object(let fields): return .object(settings(json, fields, file: file))
        case .variants(let key, let variants):
            let variant = variants.first { $0.word == json[key]?.string }
            return .object(settings(json, [FieldSpec(key, .text, "")] + (variant?.fields ?? []), file: file))
        default: return .text(text)
        }
    }

    static func json(_ more: JSON) -> JSON {
        JSON.object(["endpoint": "http://mes.example:8080/api", "timeout": "5s"]).merging(more)
    }

    static func options(_ more: JSON = [:]) throws -> HTTPTargetOptions { try HTTPTargetOptions(settings(json(more))) }

    static func maker(_ more: JSON = [:]) throws -> RequestMaker { RequestMaker(options: try options(more)) }

    static func make(
        _ more: JSON = [:], network: any Network, clock: any WorldClock = LiveClock(),
        environment: [String: String] = environment, secretFile: String? = nil
    ) throws -> HTTPTarget {
        let world = World(
            clock: clock, disk: LiveDisk(), network: network, entropy: LiveEntropy(), storeExecutor: UnusedQueue())
        return try HTTPTarget(
            name: "mes", settings: settings(json(more), file: secretFile),
            secrets: SecretReader(disk: world.disk, environment: environment), world: world)
    }

    static func command(_ arguments: JSON, id: Int64 = 7, key: String = "orders:/lyon/erp:e1") -> Command {
        Command(
            id: id, target: "mes", flow: "orders", operation: "request", key: "MO-1", lane: .normal,
            arguments: arguments, idempotencyKey: key, time: Instant(text: "2026-03-02T06:00:00Z") ?? LiveClock().now(),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    }

    static func attempt(_ command: Command, _ intent: JSON) -> Attempt {
        Attempt(command: command, intent: intent, ledger: [], started: command.time, writer: "epoch")
    }

    /// What the engine does with a command up to its first outcome.
    static func carry(_ command: Command, _ target: HTTPTarget) async -> (outcome: Outcome, intent: JSON) {
        switch await target.prepare(command, ledger: []) {
        case .ready(let intent): return (await target.perform(attempt(command, intent)), intent)
        case .settled(let outcome): return (outcome, .null)
        case .needsLedger: fatalError("this target has no ledger")
        }
    }
}

extension Outcome {
    /// `accepted`, or the kind's code with what the engine does: `HTTP-011 down after 5`.
    var words: String {
        switch self {
        case .accepted: "accepted"
        case .rejected(let failure): "rejected \(failure.kind.code)"
        case .deferred(let deferral):
            "deferred \(deferral.failure.kind.code)" + (deferral.isTargetDown ? " down" : "")
                + (deferral.after.map { " after \($0.components.seconds)" } ?? "")
        case .unknown(let failure): "unknown \(failure.kind.code)"
        }
    }

    /// Everything that a person or a log could see of it.
    var text: String {
        switch self {
        case .accepted(let acceptance): "\(acceptance.reference) \(acceptance.summary)"
        case .rejected(let failure), .unknown(let failure): "\(failure) \(failure.detail ?? "")"
        case .deferred(let deferral): "\(deferral.failure) \(deferral.failure.detail ?? "")"
        }
    }
}

/// A clock that stands where it is put.
final class HandClock: WorldClock {
    private let time = Mutex(Instant(text: "2026-03-02T06:00:00Z") ?? Instant(microseconds: 0))

    func now() -> Instant { time.withLock { $0 } }
    func uptime() -> Duration { now().since(Instant(microseconds: 0)) }
    func sleep(for duration: Duration) async throws { advance(duration) }
    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// Answers by a test's closure, one request after the other, and keeps what it was asked.
actor ScriptedReceiver: Network {
    typealias Script = @Sendable (HTTPRequest, Int) async throws(NetworkFailure) -> HTTPResponse
    private let script: Script
    private(set) var requests: [HTTPRequest] = []

    /// `script` gets the request and how many there were before it.
    init(_ script: @escaping Script) { self.script = script }

    nonisolated func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream
    {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no streams")
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        requests.append(request)
        return try await script(request, requests.count - 1)
    }
}

extension HTTPResponse {
    static func plain(_ status: Int, _ body: String = "", _ headers: HTTPHeaders = [:]) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    }
}

/// No store is opened here.
private final class UnusedQueue: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) { preconditionFailure("no store here") }
}

/// A file of the test's own.
struct TemporaryFile {
    let path = NSTemporaryDirectory() + "millwright-http-" + UUID().uuidString

    init(_ text: String) throws { try write(text) }
    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

struct Unexpected: Error, CustomStringConvertible { let description: String }

extension Outcome {
    var unexpected: Unexpected { Unexpected(description: text) }
}
