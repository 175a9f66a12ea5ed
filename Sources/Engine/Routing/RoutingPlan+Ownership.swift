import Canonical
import Contracts
import ExactJSON
import NodeSettings

extension RoutingPlan {
    /// Why a command must not be sent: it writes what another system owns, and a source of a third one told of it. Nil
    /// where it may.
    ///
    /// `check` finds flows that no event of the owner can start. What is left are flows that the owner starts, and
    /// others may start as well: who posts events over HTTP, edges. An event of which nobody can tell who took it in
    /// passes: it was stored before that was kept, or rescued from a damaged store.
    func foreignWrite(_ arguments: JSON, by rule: FlowRule, toldBy source: SourceName?) -> Failure? {
        guard let ownership, let source, let operation = operations[rule.operation],
            let object = operation.object(writtenBy: arguments),
            let owner = ownership.owners[object]
        else { return nil }
        let teller = ownership.system(ofSource: source.rawValue)
        let writer = ownership.system(ofTarget: target.rawValue)
        // What a record is found by is written by nobody, and null says nothing.
        let written = operation.arguments
            .filter { !$0.isRequired && !(arguments[$0.name] ?? .null).isNull }.map(\.name)
        var claims = written.compactMap { name in
            owner.fields[name].map { (what: "\(name) of \(object.rawValue)", system: $0) }
        }
        if claims.isEmpty || claims.count < written.count {
            claims.insert((what: object.rawValue, system: owner.system), at: 0)
        }
        guard let claim = claims.first(where: { $0.system != teller && $0.system != writer }) else { return nil }
        return RoutingFailures.foreign.failure(
            """
            \(claim.what) is owned by \(claim.system), and \(rule.operation) would write it in \(writer) because of \
            what \(source) took in
            """)
    }
}
