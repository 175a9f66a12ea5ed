/// How long a source may bring nothing before it counts as silent: connected is not yet healthy.
package enum SilenceLimit: Sendable, Hashable {
    case after(Duration)
    /// It may be silent for ever.
    case never

    /// The longest silence; nil where there is none.
    package var duration: Duration? {
        switch self {
        case .after(let duration): duration
        case .never: nil
        }
    }
}

extension Field where Value == SilenceLimit {
    /// The setting `silentAfter`. A connector whose machines are expected to speak has one of its own, with a default;
    /// it stands in place of the one that every source has.
    package static func silentAfter(default defaultText: String? = nil, _ summary: String) -> Field<SilenceLimit> {
        Field(
            FieldSpec(
                "silentAfter", .durationOrNever(.seconds(1)...(.seconds(86_400 * 30))), default: defaultText,
                example: "15m", summary)
        ) { value in
            switch value {
            case .duration(let duration): .some(.after(duration))
            case .text: .some(.never)
            default: nil
            }
        }
    }
}
