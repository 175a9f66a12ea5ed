import ExactJSON
import Foundation
import Testing

/// `millwright init`, and the example folder: what a newcomer begins with must work.
@Suite("Folders to begin with")
struct FolderTemplateTests {
    @Test(
        "a folder made from a template checks without a warning, and its tests pass",
        arguments: ["komax", "mtconnect", "csv", "cloudevents", "odoo"])
    func template(_ name: String) throws {
        let folder = try SettingsFolder()
        defer { folder.remove() }
        let made = try Program.json(["init", folder.path + "/press-hall", "--template", name])
        #expect(made.code == 0, "\(made.json)")
        let place = ["--folder", folder.path + "/press-hall"]
        #expect(try folder.read("press-hall/millwright.yaml").contains("node: press-hall\n"))
        let checked = try Program.json(["check"] + place)
        #expect(checked.code == 0 && checked.json["faults"] == [], "\(checked.json)")
        let tested = try Program.json(["test"] + place)
        #expect(tested.code == 0 && (tested.json["cases"]?.int ?? 0) >= 3, "\(tested.json)")
        // Every flow of it is shown at work.
        let flows = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/press-hall/flows")
        let operations = try flows.compactMap { name in
            try folder.read("press-hall/flows/\(name)").firstMatch(of: /operation: (\S+)/).map { String($0.output.1) }
        }
        let tests = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/press-hall/tests")
        let text = try tests.map { try folder.read("press-hall/tests/\($0)") }.joined()
        for operation in operations { #expect(text.contains("operation: \(operation)"), "\(operation)") }
    }

    @Test("a folder that is not empty is refused, and stays as it is")
    func refused() throws {
        let folder = try SettingsFolder(["a": "b"])
        defer { folder.remove() }
        for place in [folder.path, folder.path + "/a"] {
            let told = try Program.run(["init", place, "--template", "csv"])
            #expect(told.code == 2, "\(told.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
        #expect(try Program.run(["init", folder.path + "/new", "--template", "none"]).code == 64)
    }

    @Test("the example's tests pass")
    func example() throws {
        let folder = Program.root.appendingPathComponent("Examples/single-node").path
        let told = try Program.json(["test", "--folder", folder])
        #expect(told.code == 0 && (told.json["cases"]?.int ?? 0) >= 3, "\(told.json)")
        #expect(try Program.json(["check", "--folder", folder]).json["faults"] == [])
    }
}
