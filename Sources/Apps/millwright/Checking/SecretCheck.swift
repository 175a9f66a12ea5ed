import Contracts
import HTTPConnector
import NodeSecurity
import NodeSettings
import OdooConnector
import World

/// Looks at the secrets that a folder names: whether they are there, whether others can read them, and whether what is
/// there can be one. Their values are never shown.
///
/// A folder is checked on many machines, and its secrets are on one. What is there is looked at everywhere; that
/// something is missing is a fault within the settings folder itself, and elsewhere only where `isHome` says that this
/// is the machine that the node runs on.
struct SecretCheck {
    private let folder: NodeFolder
    private let root: String
    private let disk: any Disk
    private let environment: [String: String]
    private let isHome: Bool
    private let permissions: @Sendable (String) -> UInt32?

    /// `root`: the settings folder; `permissions`: the permission bits of a file of this machine.
    init(
        _ folder: NodeFolder, root: String, disk: any Disk, environment: [String: String], isHome: Bool,
        permissions: @escaping @Sendable (String) -> UInt32? = FilePermissions.bits
    ) {
        self.folder = folder
        self.root = root
        self.disk = disk
        self.environment = environment
        self.isHome = isHome
        self.permissions = permissions
    }

    /// A secret that the settings name.
    private struct Named: Hashable {
        let reference: SecretReference
        let location: SettingLocation
        /// What holds it, for a person: `the secret of target odoo`.
        let name: String
        let form: Form
    }

    /// What a secret is, and so what it must look like.
    private enum Form {
        /// One line of text.
        case text
        /// What requests to this node must bear, so that it cannot be guessed.
        case token
        /// A key file, in a form of its own.
        case keyFile
        /// The node's own key, which a node does not take where others can touch it.
        case nodeKey

        var isFile: Bool { self == .keyFile || self == .nodeKey }
    }

    var faults: [CheckFault] { Set(named).flatMap(faults) }

    /// How many secrets were not looked at, each counted once wherever it is named: variables, and files that are not
    /// on this machine and may be where the node runs.
    var unseen: Int {
        guard !isHome else { return 0 }
        let groups = Dictionary(grouping: named, by: \.reference)
        return groups.count { reference, holders in
            switch reference {
            case .environment: true
            case .file(let path):
                (try? disk.status(path)) == nil && holders.allSatisfy { missing(path, $0) == nil }
            }
        }
    }

    private var named: [Named] {
        var found: [Named] = []
        for source in folder.sources {
            let tokens = [HTTPSpec.source.name: "token", OdooSpec.source.name: "hints"]
            collect(source.settings, "source \(source.name)", token: tokens[source.protocolName], into: &found)
        }
        for target in folder.targets {
            let answers = target.protocolName == OdooSpec.target.name
            collect(target.settings, "target \(target.name)", token: answers ? "token" : nil, into: &found)
        }
        let security = folder.node.security
        let files: [(key: String, path: String?, form: Form)] = [
            ("security.key", security.key, .nodeKey), ("security.tls.key", security.tls?.key, .keyFile),
        ]
        for (key, path, form) in files {
            guard let path else { continue }
            found.append(
                Named(
                    reference: .file(path), location: folder.node.places[key] ?? folder.node.location,
                    name: "\(key) of the node", form: form))
        }
        for token in folder.node.console.tokens {
            let name = "console.tokens.\(token.name).secret"
            found.append(
                Named(
                    reference: token.secret, location: folder.node.places[name] ?? folder.node.location, name: name,
                    form: .token))
        }
        for header in folder.node.telemetry.collector?.headers ?? [] {
            found.append(
                Named(
                    reference: header.secret, location: header.location,
                    name: "telemetry.otlp.headers.\(header.name) of the node", form: .text))
        }
        return found
    }

    /// `token`: the setting that requests to this node must bear, where there is one.
    private func collect(_ settings: Settings, _ owner: String, token: String?, into found: inout [Named]) {
        for (name, value) in settings.values {
            let place = settings.locations[name] ?? settings.location
            collect(value, name, at: place, owner, token: token, into: &found)
        }
    }

    private func collect(
        _ value: SettingValue, _ name: String, at place: SettingLocation, _ owner: String, token: String?,
        into found: inout [Named]
    ) {
        switch value {
        case .secret(let reference):
            found.append(
                Named(
                    reference: reference, location: place, name: "\(name) of \(owner)",
                    form: name == token ? .token : .text))
        case .object(let inner): collect(inner, owner, token: token, into: &found)
        case .list(let values):
            for value in values { collect(value, name, at: place, owner, token: token, into: &found) }
        default: break
        }
    }

    private func faults(_ named: Named) -> [CheckFault] {
        switch named.reference {
        case .environment(let variable): variableFaults(variable, named)
        case .file(let path): fileFaults(path, named)
        }
    }

    private func variableFaults(_ variable: String, _ named: Named) -> [CheckFault] {
        guard isHome else { return [] }
        guard let value = environment[variable] else {
            let nearest = NearestName.of(variable, among: environment.keys.sorted())
            return [
                CheckFault(
                    SettingsFailures.secretMissing, at: named.location,
                    "\(named.name) is read from the environment variable \(variable), which is not set",
                    suggestion: nearest.map { "did you mean ${env:\($0)}?" } ?? "set \(variable) where the node starts")
            ]
        }
        guard value.isEmpty else { return shortToken(value.utf8.count, variable, named).map { [$0] } ?? [] }
        return [
            CheckFault(
                SettingsFailures.secretUnusable, at: named.location,
                "\(named.name) is read from the environment variable \(variable), which is empty",
                suggestion: "set \(variable) to the secret where the node starts")
        ]
    }

    private func fileFaults(_ path: String, _ named: Named) -> [CheckFault] {
        let status: FileStatus?
        do {
            status = try disk.status(path)
        } catch {
            status = nil
        }
        guard let status else { return missing(path, named).map { [$0] } ?? [] }
        guard !status.isDirectory else {
            return [unusable(named, "\(shown(path)) is a folder", "name the file within it")]
        }
        var faults: [CheckFault] = []
        if let bits = permissions(path), bits & 0o077 != 0, named.form == .nodeKey || !Self.isMounted(path) {
            faults.append(exposed(path, named))
        }
        if !named.form.isFile, let bytes = try? disk.read(path, from: 0, upTo: SecretReader.maximumBytes + 1) {
            faults += contentFault(bytes, path, named).map { [$0] } ?? []
        }
        return faults
    }

    /// A file that others can touch: a node does not begin with such a key of its own, and takes any other secret.
    private func exposed(_ path: String, _ named: Named) -> CheckFault {
        let reason = "\(named.name) is in \(shown(path)), which others than its owner may read or write"
        guard named.form == .nodeKey else {
            return CheckFault(
                SettingsFailures.secretOpen, .warning, at: named.location, reason,
                suggestion: "chmod 600 \(path), and change the secret: it may be known")
        }
        return CheckFault(
            SettingsFailures.secretOpen, at: named.location, "\(reason): the node does not start with it",
            suggestion: (Self.isMounted(path) ? "mount it with mode 0400" : "chmod 600 \(path)")
                + "; if others may have read it, make a new key with `millwright keygen`")
    }

    /// Secrets that a container gets are readable by all that runs in it, which is the node.
    private static func isMounted(_ path: String) -> Bool {
        path.hasPrefix("/run/secrets/") || path.hasPrefix("/var/run/secrets/")
    }

    private func missing(_ path: String, _ named: Named) -> CheckFault? {
        let parent = path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        let neighbours = ((try? disk.list(parent.isEmpty ? "/" : parent)) ?? []).filter { !$0.isDirectory }
        // Whoever keeps secrets in the settings folder has them there; a folder that is not there is one of elsewhere.
        let isOwn = path.hasPrefix(root + "/") && parent != root && !neighbours.isEmpty
        guard isHome || isOwn else { return nil }
        let name = String(path.split(separator: "/").last ?? "")
        let nearest = NearestName.of(name, among: neighbours.map(\.name))
        return CheckFault(
            SettingsFailures.secretMissing, at: named.location,
            "\(named.name) is to be in \(shown(path)), and there is no such file",
            suggestion: nearest.map { "did you mean \(shown(parent))/\($0)?" } ?? "put it there, or correct the path")
    }

    private func contentFault(_ bytes: [UInt8], _ path: String, _ named: Named) -> CheckFault? {
        var text = bytes[...]
        if text.last == 0x0A { text = text.dropLast() }
        if text.last == 0x0D { text = text.dropLast() }
        if text.isEmpty { return unusable(named, "\(shown(path)) is empty", nil) }
        if bytes.count > SecretReader.maximumBytes {
            return unusable(named, "\(shown(path)) is longer than \(SecretReader.maximumBytes) bytes", nil)
        }
        if String(validating: text, as: UTF8.self) == nil {
            return unusable(named, "\(shown(path)) is no UTF-8 text", nil)
        }
        if text.contains(0x0A) { return unusable(named, "\(shown(path)) has several lines", nil) }
        if text.first == 0x20 || text.last == 0x20 || text.last == 0x09 {
            return unusable(
                named, "\(shown(path)) has a blank at its begin or end, which is taken for a part of the secret",
                "take the blank away")
        }
        return shortToken(text.count, shown(path), named)
    }

    /// A token that a node would not take, because it could be guessed.
    private func shortToken(_ length: Int, _ place: String, _ named: Named) -> CheckFault? {
        guard named.form == .token, length < BearerToken.minimumLength else { return nil }
        return unusable(
            named,
            "\(place) has \(length) characters, and a token has at least \(BearerToken.minimumLength): the node does "
                + "not start with it", "make one with `openssl rand -hex 24`")
    }

    private func unusable(_ named: Named, _ reason: String, _ suggestion: String?) -> CheckFault {
        CheckFault(
            SettingsFailures.secretUnusable, at: named.location, "\(named.name): \(reason)", suggestion: suggestion)
    }

    private func shown(_ path: String) -> String {
        path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
    }
}
