// What became of a command, with the record that it is about where that went wrong.

extension Outcome {
    /// The same, its failure about a record where it names none itself. That a whole target is out of reach is about no
    /// record.
    package func about(_ subject: FailureSubject?) -> Outcome {
        switch self {
        case .accepted: self
        case .rejected(let failure): .rejected(failure.about(subject))
        case .deferred(let deferral): .deferred(deferral.about(subject))
        case .unknown(let failure): .unknown(failure.about(subject))
        }
    }
}

extension Preparation {
    /// The same, its failure about a record where it names none itself.
    package func about(_ subject: FailureSubject?) -> Preparation {
        guard case .settled(let outcome) = self else { return self }
        return .settled(outcome.about(subject))
    }
}

extension Inquiry {
    /// The same, its failure about a record where it names none itself.
    package func about(_ subject: FailureSubject?) -> Inquiry {
        switch self {
        case .happened, .notFound: self
        case .cannotTell(let failure): .cannotTell(failure.about(subject))
        case .deferred(let deferral): .deferred(deferral.about(subject))
        }
    }
}

extension Deferral {
    fileprivate func about(_ subject: FailureSubject?) -> Deferral {
        guard !isTargetDown else { return self }
        return Deferral(failure.about(subject), after: after, isTargetDown: isTargetDown)
    }
}
