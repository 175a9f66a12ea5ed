package import Canonical
package import Contracts
import ExactJSON
package import JQ
package import NodeSettings

extension FlowRule {
    /// Compiles a checked flow of a folder. Throws ``Failure`` `ROUTE-003` where a program does not compile, which a
    /// checked folder's cannot.
    package init(_ flow: FlowSection, in folder: NodeFolder) throws {
        let functions = Self.functions(folder.crosswalks)
        func compile(_ source: String, _ name: String) throws -> JQProgram {
            do {
                return try JQProgram.compile(source, name: name, functions: functions)
            } catch {
                throw RoutingFailures.map.failure("\(error)")
            }
        }
        let place = flow.location.file
        let map: JQProgram? =
            switch flow.map {
            case .file(let path): try compile(folder.maps[path] ?? "null", path)
            case .program(let source): try compile(source, place)
            case nil: nil
            }
        let key: JQProgram? = if case .program(let source) = flow.key { try compile(source, place) } else { nil }
        let isShadow = folder.isShadow(flow)
        self.init(
            name: flow.name, target: flow.target, operation: flow.operation ?? "", types: flow.when.types,
            plants: Set(flow.when.plants), assets: Set(flow.when.assets.map(\.rawValue)),
            predicate: try flow.when.predicate.map { try compile($0, place) }, map: map, key: key,
            // What sends nothing is in nobody's way.
            conflicts: isShadow ? nil : try flow.conflictKeys.map { try compile($0, place) }, lane: flow.lane,
            holdsOnReject: flow.onReject == .hold && !isShadow, hasOwnOrder: flow.sync != .realTime || isShadow)
        self.isShadow = isShadow
    }

    /// What maps may call beside the language itself: `lookup("table"; key)`.
    package static func functions(_ crosswalks: [String: Crosswalk]) -> [JQHostFunction] {
        [
            JQHostFunction(name: "lookup", arity: 2) { arguments throws(JQHostError) in
                guard let name = arguments[0].string, let table = crosswalks[name] else {
                    throw .fatal("there is no crosswalk \(arguments[0])")
                }
                do {
                    return .string(try table.value(for: arguments[1]))
                } catch {
                    // Not to be caught by the map: a hole in a table is for a person.
                    throw .fatal("\(error)")
                }
            }
        ]
    }

    /// The faults of a program, for the check of a folder.
    package static func check(_ source: String, name: String) -> [ProgramFault] {
        // Which tables there are is checked apart; here every table is.
        let lookup = JQHostFunction(name: "lookup", arity: 2) { _ in .null }
        do {
            _ = try JQProgram.compile(source, name: name, functions: [lookup])
            return []
        } catch {
            return [
                ProgramFault(line: error.line, column: error.column, reason: error.reason, suggestion: error.suggestion)
            ]
        }
    }
}
