import ArgumentParser
import Contracts
import ExactJSON
import Foundation
import World
import WorldLive

struct OdooAskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Asks Odoo a question as the hub's HTTP API does: availability, order status, start.",
        discussion: """
            Without a question it lists them. Asks Odoo itself, without a running node and without its memory. \
            Exit code 0 where there is an answer, whatever it says.
            """)

    @OptionGroup var options: FolderOptions
    @Option(help: "The target; needed where the node has several that speak to Odoo.") var target: String?
    @Argument(help: "The question, such as availability, production.status, production.start.") var question: String?
    @Option(help: "The product's internal reference.") var item: String?
    @Option(help: "The order.") var order: String?
    @Option(help: "The work center's code or name.") var workcenter: String?
    @Option(help: "The work order's name.") var operation: String?
    @Option(help: "The warehouse's short name or name.") var warehouse: String?
    @Option(help: "The location's full name, such as WH/Stock.") var location: String?
    @Option(help: "A quantity to be promised.") var quantity: String?
    @Option(help: "The quantity's unit.") var unit: String?
    @Option(help: "A model of Odoo, such as stock.lot.") var model: String?
    @Option(help: "A record of the model, by its name or as JSON.") var record: String?
    @Option(help: "Names of the model's fields, with commas.") var fields: String?
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        let world = World.live()
        let targets = try Composition.odooTargets(
            try options.load(), target: target, world: world, environment: ProcessInfo.processInfo.environment)
        guard let one = targets.first?.target, targets.count == 1 else {
            throw CommandFailure(
                description: "name one target with --target: \(targets.map(\.name).joined(separator: ", "))", code: 2)
        }
        let queries = type(of: one).queries
        guard let question else { return list(queries) }
        guard let spec = queries.first(where: { $0.name == question }) else {
            throw CommandFailure(
                description: "there is no question \"\(question)\"; there are: "
                    + queries.map(\.name).joined(separator: ", "), code: 2)
        }
        let query: Query
        do { query = try spec.query(arguments) } catch { throw CommandFailure(description: error.message, code: 2) }
        let asked = world.clock.now()
        switch await one.query(query) {
        case .answered(let content):
            let answer = Answer(
                target: one.name, query: query, content: content, asOf: asked,
                age: world.clock.now().since(asked), origin: .asked)
            if json { Output.json(answer.json) } else { Output.say(Self.lines(content).joined(separator: "\n")) }
        case .refused(let failure): throw failure
        case .unavailable(let deferral): throw deferral.failure
        }
    }

    private var arguments: [String: String] {
        let given = [
            "item": item, "order": order, "workcenter": workcenter, "operation": operation, "warehouse": warehouse,
            "location": location, "quantity": quantity, "unit": unit, "model": model,
            "record": record, "fields": fields,
        ]
        return given.compactMapValues { $0 }
    }

    private func list(_ queries: [QuerySpec]) {
        if json { return Output.json(.array(queries.map(\.json))) }
        for query in queries {
            let names = query.arguments.map { $0.isRequired ? "--\($0.name)" : "[--\($0.name)]" }
            Output.say("\(query.name) \(names.joined(separator: " "))\n    \(query.summary)")
        }
    }

    /// A document as indented lines: `name: value`, and one `-` for each element of a list.
    static func lines(_ json: JSON, indent: String = "") -> [String] {
        switch json {
        case .object(let members): return members.flatMap { lines($0.key + ":", $0.value, indent) }
        case .array(let elements):
            return elements.flatMap { element in
                let inner = lines(element, indent: indent + "  ")
                guard let first = inner.first else { return [String]() }
                return [indent + "- " + first.drop { $0 == " " }] + inner.dropFirst()
            }
        case .string(let text): return [indent + text]
        case .null: return [indent + "–"]
        default: return [indent + json.description]
        }
    }

    private static func lines(_ name: String, _ value: JSON, _ indent: String) -> [String] {
        let isEmpty = value.array?.isEmpty ?? value.object?.isEmpty ?? false
        if isEmpty { return ["\(indent)\(name) none"] }
        let isNested = value.array != nil || value.object != nil
        let inner = lines(value, indent: isNested ? indent + "  " : "")
        return isNested ? [indent + name] + inner : ["\(indent)\(name) \(inner.joined())"]
    }
}
