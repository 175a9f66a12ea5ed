import ExactJSON

/// What waits for an output: the rest of the program from there. Frames are immutable lists, shared by choices.
class Frame {
    private(set) var parent: Frame?
    let depth: Int32

    /// A frame under the machine's present one.
    init(_ machine: Machine) throws(Fault) {
        let parent = machine.frame
        guard Int(parent.depth) < machine.limits.depth else { throw .limit(.depth) }
        self.parent = parent
        depth = parent.depth + 1
    }

    /// The lowest frame: what reaches it is an output.
    init(base depth: Int32) {
        parent = nil
        self.depth = depth
    }

    /// Takes the value in the machine's registers, with the machine's frame already set to ``parent``.
    func resume(_ machine: Machine) throws(Fault) {}

    /// Long lists are taken apart by a loop, because freeing them by recursion would need a stack as long.
    deinit {
        guard depth > 64 else { return }
        var next = parent
        parent = nil
        while next != nil, isKnownUniquelyReferenced(&next) {
            let following = next?.parent
            next?.parent = nil
            next = following
        }
    }
}

/// What can still be tried when an evaluation is at its end: further outputs of something.
class Choice {
    /// Sets the machine's registers to the next possibility; puts itself back if there may be more.
    func retry(_ machine: Machine) throws(Fault) {}
}

/// Puts the machine back to evaluating without paths, and marks what comes out as computed.
final class ComputedFrame: Frame {
    override func resume(_ machine: Machine) throws(Fault) {
        machine.path = Path.broken
    }
}

/// The boundary of a `try` body: errors look for it among the waiting frames.
class CatchFrame: Frame {
    let height: Int
    let scope: Environment?
    let input: Value
    let path: Path?

    override init(_ machine: Machine) throws(Fault) {
        height = machine.choices.count
        scope = machine.scope
        input = machine.value
        path = machine.path
        try super.init(machine)
    }

    /// Goes on after `error`; the machine's frame is already ``Frame/parent``, its choices are those of the beginning.
    func handle(_ error: JSON, _ fault: Fault, _ machine: Machine) throws(Fault) {}
}
