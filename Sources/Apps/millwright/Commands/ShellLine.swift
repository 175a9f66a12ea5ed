/// A command as a person can paste it into a shell.
enum ShellLine {
    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=+@%")

    /// The words, each in quotes where a shell would read something else into it.
    static func text(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    private static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.allSatisfy(plain.contains)
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
