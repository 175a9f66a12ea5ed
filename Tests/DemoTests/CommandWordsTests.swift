import Foundation
import Testing

/// What commands say where they cannot go on, and what their help says of them.
@Suite("Words of commands")
struct CommandWordsTests {
    @Test(
        "the help says what a note is to the command",
        arguments: [
            ("exceptions discard", "Why, for the audit trail; needed."),
            ("exceptions resubmit", "Why, for the audit trail."),
            ("exceptions comment", "The text of the comment; needed."),
            ("exceptions stop", "Why, for the audit trail."),
            ("exceptions assign", "Why, for the audit trail."), ("exceptions edit", "Why, for the audit trail."),
            ("flows pause", "Why, for the audit trail."), ("targets resume", "Why, for the audit trail."),
            ("replay", "Why, for the audit trail; needed with --send."),
        ])
    func notes(_ command: String, _ words: String) throws {
        let told = try Program.run(command.split(separator: " ").map(String.init) + ["--help"])
        let note = told.output.split(separator: "\n").first { $0.hasPrefix("  --note <note>") }
        #expect(note?.hasSuffix("  " + words) == true, "\(told.output)")
    }

    @Test("a key that is in a variable is not changed, and the way to one that can be is said")
    func rotation() throws {
        let folder = try SettingsFolder([
            "millwright.yaml": "node: lyon\n",
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris }\n",
            "targets/erp.yaml": """
            target: erp
            protocol: odoo
            endpoint: https://odoo.example.com
            database: demo
            login: mes
            secret: ${env:ODOO_KEY}

            """,
        ])
        defer { folder.remove() }
        let told = try Program.run(["odoo", "rotate-key", "--folder", folder.path])
        #expect(told.code == 1, "\(told.errors)")
        for part in ["${env:ODOO_KEY}", "secret: ${file:secrets/odoo}", "targets/erp.yaml", "run this again"] {
            #expect(told.errors.contains(part), "\(told.errors)")
        }
    }

    @Test("a node that may not make its store says where, who and what to do")
    func store() throws {
        let folder = try SettingsFolder([
            "millwright.yaml": "node: lyon\nstore: { path: taken/data }\n",
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris }\n",
            "taken": "a file, so that root cannot make a folder there either",
        ])
        defer { folder.remove() }
        let told = try Program.run(["run", "--folder", folder.path])
        #expect(told.code == 1, "\(told.errors)")
        for part in ["STORE-001", "\(folder.path)/taken/data", NSUserName(), "chown", "set store.path"] {
            #expect(told.errors.contains(part), "\(told.errors)")
        }
        #expect(!told.errors.contains("NSCocoa"))
    }
}
