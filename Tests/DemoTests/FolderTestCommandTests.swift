import ExactJSON
import Foundation
import Testing

/// A settings folder of a test's own.
struct SettingsFolder {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        path = NSTemporaryDirectory() + "millwright-folder-" + UUID().uuidString
        for (name, text) in files { try write(name, text) }
    }

    func write(_ name: String, _ text: String) throws { try NodeProcess.write("\(path)/\(name)", text) }
    func read(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// `millwright test`: a folder's own tests on its own sources, signals, flows and maps.
@Suite("millwright test")
struct FolderTestCommandTests {
    private static let settings = [
        "millwright.yaml": "node: lyon\nlisten: 127.0.0.1:0\n",
        "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {}, turn-1: {} } }\n",
        "sources/press.yaml": """
        source: press
        protocol: files
        plant: lyon
        asset: press-1
        folder: { path: machine, pattern: "*.csv" }
        format: { kind: csv, record: run, time: "yyyy-MM-dd HH:mm:ss", timeField: ended }
        signals:
          - role: count
            on: [run]
            subject: order
            quantity: { field: good, counts: run, unit: pcs }

        """,
        "sources/turn.yaml": """
        source: turn
        protocol: mtconnect
        plant: lyon
        asset: turn-1
        endpoint: 127.0.0.1:7878
        signals:
          - role: counter
            tag: ppartcount
          - role: state
            tag: pexecution
            map: { ACTIVE: running, STOPPED: down }
            debounce: 30s

        """,
        "sources/door.yaml": """
        source: door
        protocol: http
        plant: lyon
        token: ${env:NOBODY_SETS_THIS}

        """,
        "targets/odoo.yaml": """
        target: odoo
        protocol: odoo
        endpoint: https://odoo.example
        database: d
        login: mes
        secret: ${env:NOBODY_SETS_THIS}

        """,
        "flows/progress.yaml": """
        flow: progress
        owner: production
        when: { type: "millwright.production.completed.*" }
        target: odoo
        operation: production.progress
        key: subject
        jq: '{order: lookup("orders"; .subject), quantity: .data.quantity}'

        """,
        "crosswalks/orders.csv": "from,to\nMO-7,WH/MO/00007\n",
    ]

    /// The folder with one case, and what the command says of it.
    private func test(_ steps: String, expect: String, _ arguments: String...) throws -> (code: Int32, result: JSON) {
        let folder = try SettingsFolder(Self.settings)
        defer { folder.remove() }
        try folder.write("tests/a.yaml", Self.file(steps, expect))
        let told = try Program.json(["test", "--folder", folder.path] + arguments)
        return (told.code, told.json["results"]?[0] ?? told.json)
    }

    private static func file(_ steps: String, _ expect: String) -> String {
        func indented(_ text: String) -> String {
            text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "      " + $0 }
                .joined(separator: "\n")
        }
        return """
            cases:
              - case: it
                at: 2026-03-02T09:00:00Z
                given:
            \(indented(steps))
                expect:
            \(indented(expect))

            """
    }

    private static let row = """
        - source: press
          file: runs.csv
          text: |
            order,good,ended
            MO-7,12,2026-03-02 09:59:00
        """

    @Test("rows of a file go through the source, the signals, the crosswalk and the map")
    func rows() throws {
        let told = try test(
            Self.row,
            expect: """
                events:
                  - type: millwright.production.completed.v1
                    source: /lyon/press-1
                    subject: MO-7
                    time: 2026-03-02T08:59:00Z
                    plant: lyon
                commands:
                  odoo:
                    - flow: progress
                      key: MO-7
                      lane: normal
                      arguments: { order: WH/MO/00007, quantity: { value: 12, unit: pcs } }
                """)
        #expect(told.code == 0 && told.result["ok"] == true, "\(told.result)")
    }

    @Test("what differs is named by its path, with exit code 1")
    func different() throws {
        let told = try test(
            Self.row,
            expect: "commands: { odoo: [{ arguments: { order: WH/MO/00007, quantity: { value: 10, unit: pcs } } }] }")
        #expect(told.code == 1)
        #expect(
            told.result["differences"] == [
                ["path": "commands.odoo[0].arguments.quantity.value", "expected": 10, "got": 12]
            ], "\(told.result)")
    }

    @Test("a hole in a crosswalk is an exception of the flow, and must be expected")
    func hole() throws {
        let row = Self.row.replacing("MO-7,12", with: "MO-8,12")
        let told = try test(row, expect: "commands: {}")
        #expect(told.code == 1 && told.result["differences"]?[0]?["path"] == "exceptions[0]", "\(told.result)")
        let expected = try test(
            row, expect: "commands: {}\nexceptions: [{ code: ROUTE-003, where: flow progress, message: MO-8 }]")
        #expect(expected.code == 0, "\(expected.result)")
    }

    @Test("lines of an adapter are counted, and a state is one only after its time")
    func lines() throws {
        let steps = """
            - source: turn
              text: "2026-03-02T09:00:00Z|ppartcount|16|pexecution|ACTIVE\\n"
            - source: turn
              after: 5m
              text: "2026-03-02T09:05:00Z|ppartcount|18|pexecution|STOPPED\\n"
            - source: turn
              after: 20s
              text: "2026-03-02T09:05:20Z|pexecution|ACTIVE\\n"
            - source: turn
              after: 1h
              text: "2026-03-02T10:05:20Z|pexecution|STOPPED\\n"
            """
        let told = try test(
            steps,
            expect: """
                events:
                  - { type: millwright.equipment.state-changed.v1, data: { asset: turn-1, state: running } }
                """)
        let events = told.result["differences"]?.array ?? []
        #expect(told.code == 1, "\(told.result)")
        // Two pieces, and not a stop: the first one was too short, the second one has not lasted.
        let got = events.compactMap { $0["got"] }.filter { $0["type"] != nil }
        #expect(got.compactMap { $0["type"]?.string } == ["millwright.production.completed.v1"], "\(told.result)")
        #expect(got.first?["data"]?["quantity"]?["value"] == 2)
    }

    @Test("events come in by the door's own way, and what it refuses is an exception")
    func door() throws {
        let steps = """
            - source: door
              events:
                - { id: a, type: millwright.production.completed.v1, subject: MO-7,
                    data: { order: MO-7, quantity: { value: 1, unit: pcs } } }
                - { id: a, type: millwright.production.completed.v1, subject: MO-7,
                    data: { order: MO-7, quantity: { value: 2, unit: pcs } } }
            - source: door
              text: "{}"
            """
        let told = try test(
            steps,
            expect: """
                events: [{ id: a, source: /lyon/door, data: { order: MO-7, quantity: { value: 1, unit: pcs } } }]
                commands: { odoo: [{ arguments: { order: WH/MO/00007, quantity: { value: 1, unit: pcs } } }] }
                exceptions: [{ code: INTAKE-005, where: /lyon/door a }, { code: HTTP-002 }]
                """)
        #expect(told.code == 0, "\(told.result)")
    }

    @Test("readings go to a source's signals, and events without a source come as from an edge")
    func readings() throws {
        let told = try test(
            """
            - source: turn
              readings: [{ tag: ppartcount, value: 3 }]
            - source: turn
              readings: [{ tag: ppartcount, value: 4, time: 2026-03-02T09:00:07Z }]
            - events: [{ type: millwright.node.online.v1, data: {} }]
            """,
            expect: """
                events:
                  - { type: millwright.production.completed.v1, time: 2026-03-02T09:00:07Z }
                  - { type: millwright.node.online.v1, source: /lyon/test, time: 2026-03-02T09:00:20Z }
                exceptions: []
                """)
        let wrong = (told.result["differences"]?.array ?? []).filter {
            $0["path"]?.string?.hasPrefix("events") == true
        }
        #expect(wrong.isEmpty, "\(told.result)")
    }

    @Test("what is at hand on equipment is given to a case, and compared behind it")
    func context() throws {
        let folder = try SettingsFolder(Self.settings)
        defer { folder.remove() }
        let signal = """
              - role: context
                on: [run]
                set: { order: order, item: article }

            """
        try folder.write("sources/press.yaml", try folder.read("sources/press.yaml") + signal)
        let row = Self.row.replacing("order,good,", with: "order,article,good,").replacing("MO-7,", with: "MO-7,B-1,")
        func file(_ context: String) -> String {
            let given = "    context: { press-1: { order: MO-6, operator: anna }, turn-1: { lot: L-1 } }\n"
            return Self.file(row, "context:\n  press-1: \(context)\n  turn-1: { lot: L-1 }") + given
        }
        try folder.write("tests/a.yaml", file("{ order: MO-7, item: B-1, operator: anna }"))
        let told = try Program.json(["test", "--folder", folder.path])
        #expect(told.code == 0, "\(told.json)")

        let wrong = file("{ order: MO-6, operator: anna }")
        try folder.write("tests/a.yaml", wrong)
        let failed = try Program.json(["test", "--folder", folder.path])
        #expect(failed.code == 1)
        #expect(
            failed.json["results"]?[0]?["differences"] == [
                ["path": "context.press-1.order", "expected": "MO-6", "got": "MO-7"],
                ["path": "context.press-1.item", "expected": .null, "got": "B-1"],
            ], "\(failed.json)")

        let updated = try Program.json(["test", "--update", "--folder", folder.path])
        #expect(updated.code == 0 && updated.json["written"]?[0]?["sections"] == ["context"], "\(updated.json)")
        let after = try folder.read("tests/a.yaml")
        #expect(after.hasPrefix(wrong.components(separatedBy: "      context:\n")[0]) && after.contains("item: B-1"))
        #expect(try Program.json(["test", "--folder", folder.path]).code == 0)
    }

    @Test("a case that never comes to rest is stopped, and says so")
    func endless() throws {
        let folder = try SettingsFolder(Self.settings)
        defer { folder.remove() }
        let source = try folder.read("sources/press.yaml")
        try folder.write("sources/press.yaml", source + "poll: 10ms\n")
        try folder.write("tests/a.yaml", Self.file(Self.row, "commands: {}") + "    wait: 7d\n")
        let told = try Program.json(["test", "--folder", folder.path])
        #expect(told.code == 1)
        #expect(told.json["results"]?[0]?["error"]?.string?.contains("still at work") == true, "\(told.json)")
    }

    @Test("an input that the source does not take is a fault in its place, for `check` as well, and not for `run`")
    func faults() throws {
        for (steps, reason) in [
            ("- { source: turn, file: a.csv, text: x }", "reads no files"),
            ("- { source: press, text: x }", "say with file:"),
            ("- { source: press, file: a.txt, text: x }", "pattern"),
            ("- { source: turn, events: [{ type: a }] }", "leave source: out"),
            ("- { source: door, readings: [{ tag: a, value: 1 }] }", "no signals"),
        ] {
            let folder = try SettingsFolder(Self.settings)
            defer { folder.remove() }
            try folder.write("tests/a.yaml", Self.file(steps, "commands: {}"))
            for command in ["check", "test"] {
                let told = try Program.json([command, "--folder", folder.path])
                #expect(told.code == 2, "\(command) \(steps): \(told.json)")
                let fault = told.json["faults"]?[0]
                #expect(fault?["code"] == "SET-096" && fault?["file"] == "tests/a.yaml" && fault?["line"] == 5)
                #expect(fault?["reason"]?.string?.contains(reason) == true, "\(told.json)")
            }
            #expect(try Program.json(["exceptions", "--folder", folder.path]).json["error"] != nil)
            #expect(!(try Program.run(["exceptions", "--folder", folder.path]).errors.contains("SET-096")))
        }
    }

    @Test("names choose files and cases; a name that nothing has is refused with the nearest one")
    func names() throws {
        let folder = try SettingsFolder(Self.settings)
        defer { folder.remove() }
        try folder.write("tests/press.yaml", "cases:\n  - { case: one, given: [], expect: { commands: {} } }\n")
        try folder.write(
            "tests/turn.yaml",
            "cases:\n  - { case: two, given: [], expect: { commands: {} } }\n  - { case: three, given: [], expect: { events: [] } }\n"
        )
        for (names, cases) in [
            ([], ["one", "two", "three"]), (["turn"], ["two", "three"]), (["one", "three"], ["one", "three"]),
        ] {
            let told = try Program.json(["test", "--folder", folder.path] + names)
            #expect(told.code == 0)
            #expect(told.json["results"]?.array?.compactMap { $0["case"]?.string } == cases)
        }
        let told = try Program.run(["test", "--folder", folder.path, "pres"])
        #expect(told.code == 2 && told.errors.contains("did you mean \"press\"?"), "\(told.errors)")
    }

    @Test("--update fills in what came out, leaves the rest of the file alone, and then all pass")
    func update() throws {
        let folder = try SettingsFolder(Self.settings)
        defer { folder.remove() }
        let before = "# Mine.\n" + Self.file(Self.row, "# Nothing yet.\ncommands: {}") + "    # Behind it.\n"
        try folder.write("tests/a.yaml", before)
        let told = try Program.json(["test", "--update", "--folder", folder.path])
        #expect(told.code == 0 && told.json["written"]?[0]?["sections"] == ["commands"], "\(told.json)")
        let after = try folder.read("tests/a.yaml")
        #expect(after.hasPrefix(before.split(separator: "      commands: {}")[0]))
        #expect(
            after.contains("quantity: { value: 12, unit: pcs }") && after.hasSuffix("    # Behind it.\n"), "\(after)")
        #expect(try Program.json(["test", "--folder", folder.path]).code == 0)
        #expect(try Program.json(["test", "--update", "--folder", folder.path]).json["written"] == [])
        #expect(try folder.read("tests/a.yaml") == after)
    }

    @Test("what --update writes is told as written, and not as failed; what it cannot write has failed")
    func updateShown() throws {
        let folder = try SettingsFolder(Self.settings)
        defer { folder.remove() }
        try folder.write("tests/a.yaml", Self.file(Self.row, "commands: { odoo: [{ key: MO-8 }] }"))
        let told = try Program.run(["test", "--update", "--folder", folder.path])
        #expect(told.code == 0 && !told.output.contains("FAIL"), "\(told.output)")
        #expect(told.output.hasPrefix("differs, written  tests/a.yaml:2  it: commands\n"), "\(told.output)")
        #expect(told.output.hasSuffix("1 case, 0 failed, 1 written\n"), "\(told.output)")
        let again = try Program.run(["test", "--update", "--folder", folder.path])
        #expect(again.output == "ok    tests/a.yaml  it\n1 case, 0 failed\n", "\(again.output)")
    }

    @Test("a person sees the difference in lines, and no colours in a file")
    func shown() throws {
        let folder = try SettingsFolder(Self.settings)
        defer { folder.remove() }
        try folder.write("tests/a.yaml", Self.file(Self.row, "commands: { odoo: [{ key: MO-8 }] }"))
        let told = try Program.run(["test", "--folder", folder.path])
        #expect(told.code == 1)
        #expect(
            told.output == """
                FAIL  tests/a.yaml:2  it
                      commands.odoo[0].key
                        expected  "MO-8"
                        got       "MO-7"
                1 case, 1 failed

                """)
    }
}
