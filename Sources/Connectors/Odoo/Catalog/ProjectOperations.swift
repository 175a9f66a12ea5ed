import Contracts
import ExactJSON

/// Tasks of projects, where the app *Project* is installed.
enum ProjectOperations {
    static let all: [any OdooOperation] = [create, TaskUpdate()]

    static let project = Lookup(model: "project.project", by: ["name"], words: "project")

    static let common: [FormField] = [
        .init("people", "user_ids", .records(.user), "Who does it: a list."),
        .init("due", "date_deadline", .instant, "Until when; before Odoo 17 only the day counts."),
        .init("priority", "priority", .choice([("normal", "0"), ("high", "1")]), "How urgent it is."),
        .init("description", "description", .html, "What is to be done."),
    ]

    static let create = RecordForm(
        "task.create", makes: "project.task", "Makes a task of a project.",
        [
            .init("project", "project_id", .record(project), required: true, "The project."),
            .init("name", "name", .text(200), required: true, "The task, in a line."),
            .init("customer", "partner_id", .record(.partner), "Whom it is for."),
        ] + common,
        example: [
            "project": "Line 3 ramp-up", "name": "Replace the gripper of CNC01", "people": ["maintenance@example.com"],
            "due": "2025-03-01T16:00:00Z",
        ])
}

/// `task.update`: fields of a task, and its stage, which is one of its project's.
struct TaskUpdate: OdooOperation {
    private static let task = Lookup(model: "project.task", by: ["name"], words: "task", isDocument: true)

    let spec = OperationSpec(
        name: "task.update", summary: "Writes a task, or moves it on to another stage of its project.",
        arguments: [
            .init("task", .any, required: true, "The task, by `name` of `project.task`."),
            .init("project", .any, "The project, where several have a task of this name. By `name`."),
            .init("stage", .any, "The stage, by its English name, among those of the task's project."),
        ] + ProjectOperations.common.map(\.spec),
        promise: "Never doubled: what it does is absolute, so that twice is once.",
        example: ["task": "Replace the gripper of CNC01", "project": "Line 3 ramp-up", "stage": "Done"])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let given = try arguments.required("task")
        var lookup = Self.task
        if let project = arguments.json["project"], !project.isNull {
            let id = try await session.directory.record(ProjectOperations.project, project)
            lookup.scope = [["project_id", "=", .int(id)]]
        }
        let id = try await session.directory.record(lookup, given)
        var row = try await FormReader(session: session).row(ProjectOperations.common, arguments)
        if let stage = arguments.json["stage"], !stage.isNull {
            guard let task = try await session.rows(.read(lookup.model, [id], ["project_id"])).first else {
                throw .reject(OdooFailures.gone, "the task #\(id) was deleted in Odoo")
            }
            let own: [JSON] = task.link("project_id").map { [["project_ids", "in", [.int($0)]]] } ?? []
            let stages = Lookup(model: "project.task.type", by: ["name"], words: "stage of the project", scope: own)
            row.set("stage_id", .record(.int(try await session.directory.record(stages, stage))))
        }
        guard !row.cells.isEmpty else {
            throw .reject(
                OdooFailures.arguments,
                "task.update has nothing to write; it takes: stage, "
                    + ProjectOperations.common.map(\.argument).joined(separator: ", "))
        }
        return .ready(intent: OdooPlan.writing(lookup.model, id, row.values, summary: "wrote the task #\(id)").json)
    }
}
