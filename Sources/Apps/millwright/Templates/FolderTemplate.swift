import ArgumentParser

/// A settings folder to begin with: it checks, its tests pass, and its comments say what stands where.
///
/// The files are constants of the program, so that one binary brings them along.
struct FolderTemplate {
    struct File {
        /// Below the folder.
        let path: String
        let text: String

        init(_ path: String, _ text: String) {
            self.path = path
            self.text = text
        }
    }

    /// The templates by the word that names them.
    enum Name: String, CaseIterable, ExpressibleByArgument {
        case komax, mtconnect, csv, cloudevents, odoo

        var template: FolderTemplate {
            switch self {
            case .komax: .komax
            case .mtconnect: .mtconnect
            case .csv: .csv
            case .cloudevents: .cloudevents
            case .odoo: .odoo
            }
        }
    }

    /// What stands in the files for the node's name.
    private static let placeholder = "node: NODE\n"

    let summary: String
    private let files: [File]

    init(summary: String, files: [File]) {
        self.summary = summary
        self.files = files
    }

    /// The files of a node of this name.
    func files(node: String) -> [File] {
        files.map { File($0.path, $0.text.replacing(Self.placeholder, with: "node: \(node)\n")) }
    }
}
