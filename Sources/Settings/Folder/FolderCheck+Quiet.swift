import Contracts

extension FolderCheck {
    /// Minutes without a break that a target may be quiet: a long weekend. One that never ends would deliver nothing.
    static let longestQuiet = 3 * QuietWindow.day

    /// Whether a target's quiet hours leave room for deliveries.
    mutating func checkQuiet(of target: CheckedFile) {
        guard let quiet = try? target.settings.optional(TargetFields.quiet),
            let texts = try? quiet(TargetFields.windows)
        else { return }
        let windows = texts.compactMap { try? QuietWindowText.parse($0) }
        let place = quiet.locations[TargetFields.windows.spec.name] ?? quiet.location
        if texts.count > TargetFields.maximumWindows {
            fault(
                SettingsFailures.range, at: place,
                "quiet.windows are \(texts.count), and at most \(TargetFields.maximumWindows) may be given")
        } else if QuietWindow.longest(windows) > Self.longestQuiet {
            fault(
                SettingsFailures.quietWindow, at: place,
                "quiet.windows make a stretch of more than \(Self.longestQuiet / 60) h in which nothing is delivered",
                suggestion: "leave a gap; to stop a target altogether, take its flows away")
        }
    }
}
