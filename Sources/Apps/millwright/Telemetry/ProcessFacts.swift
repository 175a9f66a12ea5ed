import Canonical
import Foundation

/// What the operating system knows of this process (`/proc`, see proc(5)); each nil where it does not say.
struct ProcessFacts: Sendable {
    var residentBytes: Int?
    var virtualBytes: Int?
    var processorTime: Duration?
    var openDescriptors: Int?
    var maximumDescriptors: Int?
    var started: Instant?

    /// This moment.
    static func now() -> ProcessFacts {
        var facts = ProcessFacts()
        facts.readStatistics()
        facts.openDescriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count
        var limit = rlimit()
        if getrlimit(descriptorLimit, &limit) == 0 { facts.maximumDescriptors = Int(clamping: limit.rlim_cur) }
        return facts
    }

    #if canImport(Glibc)
        private static let descriptorLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let descriptorLimit = RLIMIT_NOFILE
    #endif

    private mutating func readStatistics() {
        guard let text = Self.text("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return }
        // Behind the name, which may hold anything: the third field of proc(5) comes first.
        let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
        func field(_ number: Int) -> Int? { fields.indices.contains(number - 3) ? Int(fields[number - 3]) : nil }
        let ticks = max(1, Int(sysconf(Int32(_SC_CLK_TCK))))
        if let user = field(14), let system = field(15) {
            processorTime = .microseconds((user + system) * 1_000_000 / ticks)
        }
        if let begin = field(22), let boot = Self.bootTime() {
            started = Instant(microseconds: Int64(boot) * 1_000_000 + Int64(begin) * 1_000_000 / Int64(ticks))
        }
        virtualBytes = field(23)
        residentBytes = field(24).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
    }

    /// Seconds since 1970.
    private static func bootTime() -> Int? {
        text("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Int($0.dropFirst(6)) }
    }

    /// Files there have no length beforehand, so they are read to their end.
    private static func text(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.readToEnd() else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
