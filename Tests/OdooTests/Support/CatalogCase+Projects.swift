import ExactJSON
import OdooConnector
import Testing

// Tasks of projects.
extension CatalogCase {
    private static func project(_ peer: Peer, _ name: String) async throws {
        let project = try await peer.make("project.project", ["name": .string("R" + name)])
        for stage in ["Open", "Closed"] {
            // Another project has stages of the same names.
            _ = try await peer.make(
                "project.task.type", ["name": .string(stage), "project_ids": [[6, 0, [.int(project)]]]])
        }
    }

    static let projects: [CatalogCase] = [
        CatalogCase("task.create", needs: ["project.task"]) { peer, name in
            try await project(peer, name)
            return [
                "project": .string("R" + name), "name": .string(name), "people": [.string(peer.admin.login)],
                "due": "2031-03-01T10:00:00Z", "priority": "high", "description": "Bore <12.03 mm>",
            ]
        } effect: { peer, name in
            let tasks = try await peer.find(
                "project.task", [["name", "=", .string(name)], ["project_id.name", "=", .string("R" + name)]],
                ["date_deadline", "priority", "user_ids"])
            #expect(
                tasks.allSatisfy {
                    $0["date_deadline"]?.string?.hasPrefix("2031-03-01") == true && $0["priority"]?.string == "1"
                        && $0["user_ids"]?.array?.count == 1
                }, "\(tasks)")
            return tasks.count
        },
        CatalogCase("task.update", needs: ["project.task"]) { peer, name in
            try await project(peer, name)
            let outcome = await peer.desk(name + "t").deliver(
                "task.create", ["project": .string("R" + name), "name": .string(name)])
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            return ["task": .string(name), "project": .string("R" + name), "stage": "Closed", "priority": "high"]
        } effect: {
            try await $0.count(
                "project.task",
                [["name", "=", .string($1)], ["stage_id.name", "=", "Closed"], ["priority", "=", "1"]])
        },
    ]
}
