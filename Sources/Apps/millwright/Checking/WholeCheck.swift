import Contracts
import NodeSecurity
import NodeSettings
import World

/// Everything that can be known of a settings folder without starting: `millwright check`.
struct WholeCheck {
    /// The settings folder, absolute.
    let root: String
    let disk: any Disk
    let environment: [String: String]
    /// Whether this is the machine that the node runs on.
    let isHome: Bool

    /// How many of the folder's secrets nobody looked at, because they may be on the machine that the node runs on.
    func unseenSecrets(of folder: NodeFolder) -> Int { secrets(of: folder).unseen }

    private func secrets(of folder: NodeFolder) -> SecretCheck {
        SecretCheck(folder, root: root, disk: disk, environment: environment, isHome: isHome)
    }

    /// What is wrong with the folder, and its tests; nil where the folder cannot be told.
    func report(overlay: String?) -> (settings: FolderReport, tests: TestReport?) {
        let settings = Composition.read(root, overlay: overlay, disk: disk)
        guard let folder = settings.folder else { return (settings, nil) }
        // What is wrong with the tests keeps nobody from running the folder, but it is wrong.
        let tests = Composition.tests(root, of: folder, disk: disk)
        let secrets = self.secrets(of: folder).faults
        let (sources, samples) = (FactSources(folder), tests.flawlessEvents)
        let members = MemberCheck(sources: sources, samples: samples).faults
        // Where a member is misspelt, what the map makes without it is no further fault.
        let misspelt = Set(members.map { "\($0.file):\($0.line)" })
        let known = Set(settings.faults.map { "\($0.code) \($0.location)" })
        let maps = MapCheck(sources: sources, samples: samples).faults.filter {
            !misspelt.contains("\($0.file):\($0.line)") && !known.contains("\($0.code) \($0.location)")
        }
        let report = settings.adding(tests.faults + secrets + members + maps, texts: tests.sources)
        return (report, tests)
    }
}
