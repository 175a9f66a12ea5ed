import Canonical
import Contracts
import Foundation
import Testing
import WorldLive

@testable import OdooConnector

extension FieldSpec {
    /// The names of a group's own settings.
    fileprivate var fields: [String] {
        if case .object(let fields) = kind { fields.map(\.name) } else { [] }
    }
}

@Suite("what the Odoo connector says of itself")
struct SpecTests {
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Connectors/Odoo")

    @Test("failure codes are unique, ascending and explained")
    func codes() {
        let codes = OdooFailures.all.map(\.code)
        #expect(Set(codes).count == codes.count && codes == codes.sorted())
        #expect(OdooFailures.all.allSatisfy { !$0.remedy.isEmpty && !$0.title.isEmpty && $0.code.hasPrefix("ODOO-") })
    }

    @Test(
        "an operation's example and merge rule use its own arguments", arguments: OdooSpec.target.operations.map(\.name)
    )
    func examples(_ name: String) throws {
        let operation = try #require(OdooSpec.target.operations.first { $0.name == name })
        let arguments = Set(operation.arguments.map(\.name))
        let given = Set(operation.example.object?.keys.map { $0 } ?? [])
        #expect(given.isSubset(of: arguments))
        #expect(operation.arguments.filter(\.isRequired).allSatisfy { given.contains($0.name) })
        let merged = Set((operation.merge?.sums ?? []) + (operation.merge?.takesLatest ?? []))
        #expect(merged.isSubset(of: arguments))
    }

    @Test("the README names every setting, operation and failure code, and example.yaml is the spec's own")
    func documentation() throws {
        let readme = try String(contentsOf: Self.folder.appendingPathComponent("README.md"), encoding: .utf8)
        for field in OdooSpec.target.fields + OdooSpec.source.fields {
            #expect(readme.contains("`\(field.name)`"), "\(field.name)")
        }
        for operation in OdooSpec.target.operations {
            #expect(readme.contains("`\(operation.name)`"), "\(operation.name)")
            #expect(OperationNeeds.of[operation.name] != nil, "\(operation.name)")
        }
        #expect(readme.contains(OdooSpec.source.example.trimmingCharacters(in: .whitespacesAndNewlines)))
        for kind in OdooFailures.all { #expect(readme.contains(kind.code), "\(kind.code)") }
        let example = try String(contentsOf: Self.folder.appendingPathComponent("example.yaml"), encoding: .utf8)
        #expect(
            example.trimmingCharacters(in: .whitespacesAndNewlines)
                == OdooSpec.target.example.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test("a question's example is a question, and the README names each question and each reason")
    func questions() throws {
        let readme = try String(contentsOf: Self.folder.appendingPathComponent("README.md"), encoding: .utf8)
        let names = OdooTarget.queries.map(\.name)
        #expect(Set(names).count == names.count && names == OdooSpec.target.queries.map(\.name))
        for spec in OdooTarget.queries {
            #expect(readme.contains("`\(spec.name)`"), "\(spec.name)")
            #expect(try spec.query(spec.example) == Query(spec.name, spec.example))
            #expect(!spec.needs.isEmpty && !spec.answer.isEmpty && !spec.summary.isEmpty)
        }
        let start = try #require(OdooTarget.queries.first { $0.name == "production.start" })
        for code in StartDecision.Reason.Code.allCases {
            #expect(start.answer.contains("`\(code.rawValue)`"), "\(code)")
        }
        for field in OdooAnswersSpec.answers.spec.fields { #expect(readme.contains("`answers.\(field)`"), "\(field)") }
    }

    @Test("questions go to the same company as commands, and take up a changed secret as well")
    func sameAddress() {
        var address = OdooAddress(
            endpoint: "https://odoo.example.com", database: "d", login: "l", secret: "s", company: "Lyon")
        address.renew = { "new" }
        let quick = address.waiting(.seconds(5))
        #expect(quick.company == "Lyon" && quick.renew?() == "new" && quick.timeout == .seconds(5))
        #expect(address.waiting(.seconds(500)).timeout == address.timeout)
    }

    @Test("the settings of answers become bounds and words, with the defaults that are documented")
    func answers() throws {
        let place = SettingLocation(file: "targets/odoo.yaml", line: 1, column: 1)
        var values: [String: SettingValue] = [
            "age": .duration(.seconds(3)), "fallback": .duration(.seconds(40)), "timeout": .duration(.seconds(5)),
            "concurrency": .integer(4), "hold": .list([.text("Sperre")]),
        ]
        let settings = try AnswerSettings(Settings(values: values, location: place))
        #expect(settings.age == .seconds(3) && settings.fallback == .seconds(40) && settings.concurrency == 4)
        #expect(try OdooAnswersSpec.token(in: Settings(values: values, location: place)) == nil)
        values["token"] = .secret(.environment("T"))
        #expect(try OdooAnswersSpec.token(in: Settings(values: values, location: place)) == .environment("T"))
        let defaults = AnswerSettings()
        #expect(OdooAnswersSpec.age.spec.defaultText == "\(defaults.age.components.seconds)s")
        #expect(OdooAnswersSpec.fallback.spec.defaultText == "\(defaults.fallback.components.seconds / 60)m")
        #expect(OdooAnswersSpec.timeout.spec.defaultText == "\(defaults.timeout.components.seconds)s")
        #expect(OdooAnswersSpec.concurrency.spec.defaultText == "\(defaults.concurrency)")
        #expect(OdooAnswersSpec.hold.spec.defaultText == "[\(OdooOptions().holdWords.joined(separator: ", "))]")
    }

    @Test("settings become options, and a missing one is named with its place")
    func settings() throws {
        let place = SettingLocation(file: "targets/odoo.yaml", line: 1, column: 1)
        var values: [String: SettingValue] = [
            "endpoint": .text("https://odoo.example.com"), "database": .text("plant"), "login": .text("mes"),
            "secret": .secret(.environment("ODOO_KEY")), "timeout": .duration(.seconds(60)),
            "settle": .duration(.seconds(200)),
            "orderBy": .text("origin"), "corrections": .text("ask"), "shortage": .text("reject"),
            "late": .text("review"),
            "loss": .text("Setup and Adjustments"), "expiry": .duration(.seconds(600)),
            "cache": .duration(.seconds(60)), "gateway": .text("required"),
            "writers": .text("several"),
        ]
        var expected = OdooOptions(
            orderBy: .origin, corrections: .ask, shortage: .reject, loss: "Setup and Adjustments",
            expiry: .seconds(600), settlingTime: .seconds(200), cacheAge: .seconds(60))
        expected.gateway = .required
        expected.writers = .several
        #expect(try OdooOptions(Settings(values: values, location: place)) == expected)
        let target = try OdooTarget(
            name: "odoo", settings: Settings(values: values, location: place), secret: "x", timeZone: "UTC",
            world: .test(LiveNetwork()))
        #expect(target.settlingTime == .seconds(200))
        values["database"] = nil
        #expect {
            try OdooTarget(
                name: "odoo", settings: Settings(values: values, location: place), secret: "x",
                timeZone: "UTC", world: .test(LiveNetwork()))
        } throws: {
            "\($0)".contains("database is missing") && "\($0)".contains("targets/odoo.yaml:1:1")
        }
    }
}
