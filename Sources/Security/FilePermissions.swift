#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Who may touch a file of this machine.
package enum FilePermissions {
    /// The twelve permission bits of the file at `path`; nil where this machine has no such file.
    package static func bits(_ path: String) -> UInt32? {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        return UInt32(found.st_mode) & 0o7777
    }
}
