extension StringProtocol where SubSequence == Substring {
    /// The text without spaces, tabs and line ends around it.
    var trimmed: Substring {
        var part = self[startIndex...]
        while let first = part.utf8.first, first == 0x20 || (first >= 0x09 && first <= 0x0D) { part = part.dropFirst() }
        while let last = part.utf8.last, last == 0x20 || (last >= 0x09 && last <= 0x0D) { part = part.dropLast() }
        return part
    }

    /// At most 80 characters, for an error's message.
    var brief: String { count > 80 ? prefix(79) + "…" : String(self) }
}
