import Canonical
package import ExactJSON

extension EventTrace {
    /// As the interface's description has it (`Trace`).
    package var json: JSON {
        [
            "id": .string(id), "type": .string(type), "subject": subject.map { .string($0) } ?? .null,
            "source": .string(source), "origin": origin.map { .string($0) } ?? .null,
            "steps": .array(steps.map(\.json)),
        ]
    }
}

extension EventTrace.Step {
    /// `settings 3 (0f5a92c41b7e)`; nil where it is not of settings.
    package var settingsText: String? {
        guard let settings else { return nil }
        return "settings \(settings.version)" + (settings.digest.map { " (\($0.prefix(12)))" } ?? "")
    }

    fileprivate var json: JSON {
        [
            "step": .string(name), "time": time.map { .string($0.description) } ?? .null,
            "after": after.map(Self.seconds) ?? .null, "detail": .string(detail), "settings": settingsJSON,
        ]
    }

    private static func seconds(_ duration: Duration) -> JSON {
        .number(ExactNumber(coefficient: duration.microseconds, scale: 6).trimmed())
    }

    private var settingsJSON: JSON {
        guard let settings else { return .null }
        return [
            "version": .int(Int(settings.version)), "digest": settings.digest.map { .string($0) } ?? .null,
        ]
    }
}
