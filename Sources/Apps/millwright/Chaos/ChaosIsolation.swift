import Foundation

/// What this machine lets a chaos run do to itself: a network and mounts of its own, which nobody else sees and which
/// end with the process.
struct ChaosIsolation: Sendable {
    /// Whether this process has a network and mounts of its own.
    let isIsolated: Bool
    /// Why not; nil where it has.
    let reason: String?

    /// Size of the file system that each store stands on.
    static let storeSize = "96m"

    /// Moves this process into namespaces of its own where that is allowed: it starts anew there, with the same
    /// arguments and under the same process id, and does not return.
    static func enter(arguments: [String], isInside: Bool) throws -> ChaosIsolation {
        if isInside {
            // Never the machine's own: a wrong flag must not take its network down.
            guard namespace("self", "net") != namespace("1", "net"), namespace("self", "mnt") != namespace("1", "mnt")
            else { throw CommandFailure(description: "--isolated is for this program's own use", code: 2) }
            return ChaosIsolation(isIsolated: true, reason: nil)
        }
        guard geteuid() == 0 else { return ChaosIsolation(isIsolated: false, reason: "not run as root") }
        guard run("unshare", "--net", "--mount", "ip", "link", "set", "lo", "up") else {
            return ChaosIsolation(
                isIsolated: false, reason: "unshare (util-linux) and ip (iproute2) are not allowed here")
        }
        // The interface comes up first: without it nothing can be started from here.
        let shell = "ip link set lo up && exec \"$0\" \"$@\""
        let words =
            ["env", "unshare", "--net", "--mount", "sh", "-c", shell, ChildProcess.ownPath] + arguments
            + ["--isolated"]
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        execv("/usr/bin/env", &pointers)
        for pointer in pointers { free(pointer) }
        return ChaosIsolation(isIsolated: false, reason: "unshare did not start")
    }

    private static func namespace(_ process: String, _ kind: String) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/\(kind)")) ?? ""
    }

    /// Mounts an empty file system of ``storeSize`` at a folder, gone with this process.
    func mountStore(_ folder: String) throws {
        guard isIsolated else { return }
        guard Self.run("mount", "-t", "tmpfs", "-o", "size=\(Self.storeSize)", "millwright-chaos", folder) else {
            throw CommandFailure(description: "no file system can be mounted at \(folder)")
        }
    }

    func unmountStore(_ folder: String) {
        if isIsolated { _ = Self.run("umount", "-l", folder) }
    }

    /// Takes the loopback interface down for a while. A process of its own brings it up again, whatever becomes of
    /// this.
    func takeNetworkDown(for pause: Duration) async throws {
        guard isIsolated else { return }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        let seconds = Double(pause.components.attoseconds) / 1e18 + Double(pause.components.seconds)
        shell.arguments = ["-c", "ip link set lo down && sleep $0; ip link set lo up", "\(seconds)"]
        shell.standardInput = FileHandle.nullDevice
        try shell.run()
        while shell.isRunning { try await Task.sleep(for: .milliseconds(10)) }
    }

    private static func run(_ words: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
