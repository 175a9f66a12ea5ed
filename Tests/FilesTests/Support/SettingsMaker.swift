import Canonical
import Contracts
import ExactJSON

@testable import FilesConnector

/// Makes settings of JSON by a spec's fields, with defaults, as the settings reader does of YAML.
enum SettingsMaker {
    static let location = SettingLocation(file: "sources/test.yaml", line: 1, column: 1)

    static func settings(_ json: JSON, _ fields: [FieldSpec]) -> Settings {
        var values: [String: SettingValue] = [:]
        var locations: [String: SettingLocation] = [:]
        for (name, value) in json.object ?? [:] {
            guard let field = fields.first(where: { $0.name == name }) else { fatalError("no field \(name)") }
            values[name] = self.value(value, field.kind)
            locations[name] = location
        }
        for field in fields where values[field.name] == nil {
            if let text = field.defaultText { values[field.name] = value(.string(text), field.kind) }
        }
        return Settings(values: values, location: location, locations: locations)
    }

    private static func value(_ json: JSON, _ kind: FieldKind) -> SettingValue {
        let text = json.string ?? json.description
        switch kind {
        case .integer: return .integer(Int(text)!)
        case .bytes: return .integer(text.hasSuffix("MiB") ? Int(text.dropLast(3))! << 20 : Int(text)!)
        case .duration:
            if text.hasSuffix("ms") { return .duration(.milliseconds(Int(text.dropLast(2))!)) }
            return .duration(.seconds(Int(text.dropLast())! * (text.hasSuffix("d") ? 86_400 : 1)))
        case .oneOrMany(let element), .list(let element):
            return .list((json.array ?? [json]).map { value($0, element) })
        case .object(let fields): return .object(settings(json, fields))
        default: return .text(text)
        }
    }
}

/// A folder followed by hand, pass by pass.
struct Bench {
    let disk: MemoryDisk
    let clock = TestClock()
    let intake: TestIntake
    var options: FollowOptions
    let drop: DropOptions?
    var follower: FolderFollower

    init(
        _ settings: JSON, disk: MemoryDisk = MemoryDisk(), intake: TestIntake = TestIntake(), limits: Limits = Limits()
    ) throws {
        let read = try FilesSettings(
            name: "files", settings: SettingsMaker.settings(settings, FilesSpec.source.fields),
            plantZone: "Europe/Warsaw",
            defaultAsset: "machine", limits: limits)
        self.disk = disk
        self.intake = intake
        options = read.follow
        drop = read.drop
        follower = FolderFollower(options, world: .test(disk, clock), intake: intake)
    }

    /// A Komax-like folder.
    static func sections(_ pattern: String = "*/Job.sdc", attach: JSON = [], disk: MemoryDisk = MemoryDisk()) throws
        -> Bench
    {
        try Bench(
            [
                "folder": ["path": "/data", "pattern": .string(pattern)],
                "format": ["kind": "sections", "time": "dd/MM/yyyy,HH:mm:ss", "attach": attach],
            ], disk: disk)
    }

    /// Reads everything that is there, then lets `time` go by and looks again.
    mutating func read(then time: Duration = .zero) async throws {
        while try await follower.pass() {}
        clock.advance(options.poll)
        while try await follower.pass() {}
        guard time > .zero else { return }
        clock.advance(time)
        while try await follower.pass() {}
    }

    /// The process ends and starts again: only disk and intake are left.
    mutating func restart() {
        follower = FolderFollower(options, world: .test(disk, clock), intake: intake)
    }
}
