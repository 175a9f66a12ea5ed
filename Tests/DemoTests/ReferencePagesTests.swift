import Foundation
import Testing

@testable import millwright

/// The pages that are made from the code, and what they lead to.
@Suite("Reference")
struct ReferencePagesTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Program.root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("every error code has its section, with what it means, what to do, how to see it and a runbook")
    func codes() throws {
        let page = ErrorReference.markdown
        let sections = page.components(separatedBy: "\n### ").dropFirst()
        let codes = Set(ErrorReference.kinds.map(\.code))
        #expect(codes.count > 250)
        #expect(sections.count == codes.count)
        for section in sections {
            let body = section.components(separatedBy: "\n## ")[0]
            let code = String(body.prefix { $0 != "\n" })
            #expect(codes.contains(code), "\(code)")
            for part in ["**What it means.** ", "**What to do.** ", "**How to see it.** ", "../operations/errors.md#"] {
                #expect(body.contains(part), "\(code): \(part)")
            }
            #expect(!body.contains("CODE"), "\(code)")
        }
        for kind in ErrorReference.kinds {
            #expect(page.contains(kind.remedy.dropFirst()), "\(kind.code): \(kind.remedy)")
        }
    }

    @Test("every family of codes has its runbook, and no runbook is of no family")
    func families() throws {
        let areas = Set(ErrorReference.kinds.map { ErrorReference.area(of: $0.code) })
        #expect(areas == Set(ErrorFamily.all.map(\.area)))
        #expect(ErrorFamily.all.count == areas.count)
        let runbook = try Self.text("docs/operations/errors.md").components(separatedBy: "\n## ").dropFirst()
        #expect(runbook.map { String($0.prefix { $0 != "\n" }) } == ErrorFamily.all.map(\.area))
        for section in runbook {
            #expect(section.contains("\n1. ") && section.contains("**An integrator**"), "\(section.prefix(20))")
        }
    }

    @Test("the codes that a runbook names are codes that there are")
    func named() throws {
        let codes = Set(ErrorReference.kinds.map(\.code))
        for name in ["errors", "alerts", "exceptions", "flows", "store", "restore", "telemetry"] {
            let page = try Self.text("docs/operations/\(name).md")
            let named = page.matches(of: /`([A-Z]+-[0-9]{3})`/).map { String($0.output.1) }
            for code in named { #expect(codes.contains(code), "\(name).md: \(code)") }
            if name == "errors" { #expect(named.count > 100) }
        }
    }

    @Test("the page of commands has what the help of each of them says")
    func commands() throws {
        let page = CommandReference.markdown
        for command in [
            "millwright", "millwright check", "millwright exceptions discard", "millwright flows pause",
            "millwright targets pause", "millwright odoo doctor", "millwright store backup", "millwright docs",
        ] {
            #expect(page.contains("\n## `\(command)`\n\n```text\nOVERVIEW: "), "\(command)")
        }
        #expect(page.contains("--note <note>") && page.contains("Why, for the audit trail; needed."))
        #expect(page.contains("Who decides. (default: the variable USER, else operator)"))
        #expect(!page.contains("millwright relay"))
        #expect(!page.split(separator: "\n").contains { $0.hasSuffix(" ") })
        // Whoever makes the page on another terminal, as another user, makes the same one.
        let told = try Program.run(["docs", "cli"])
        #expect(told.code == 0 && told.output == page, "\(told.errors)")
    }

    @Test("docs shows the pages that are named, all where none is, and says what there is")
    func shown() throws {
        let odoo = try Program.run(["docs", "odoo"])
        #expect(odoo.code == 0, "\(odoo.errors)")
        #expect(odoo.output.contains("# `odoo` (source)\n") && odoo.output.contains("# `odoo` (target)\n"))
        let target = try Program.run(["docs", "target-odoo", "settings/tests"])
        #expect(!target.output.contains("(source)\n") && target.output.contains("# `tests/NAME.yaml`\n"))
        let all = try Program.run(["docs"])
        #expect(all.code == 0)
        for page in ReferencePages.all {
            let title = page.text.prefix { $0 != "\n" }
            #expect(all.output.contains("\(title)\n"), "\(page.path)")
        }
        let wrong = try Program.run(["docs", "error"])
        #expect(wrong.code == 2 && wrong.errors.contains("did you mean \"errors\"?"), "\(wrong.errors)")
        let check = try Program.run(["docs", "--check"])
        #expect(check.code == 2 && check.errors.contains("--output"), "\(check.errors)")
        let both = try Program.run(["docs", "cli", "--output", "/nowhere"])
        #expect(both.code == 2 && !FileManager.default.fileExists(atPath: "/nowhere"), "\(both.errors)")
    }
}
