import ExactJSON

/// One run of a program: registers, what waits, and what is left of the limits.
///
/// Evaluation never recurses on the thread's stack for what the program's data or recursion makes deep: outputs flow
/// to the waiting ``Frame``s, alternatives wait as ``Choice``s, and `goBack` takes the latest choice when an evaluation
/// has no (further) output. That is jq's backtracking.
final class Machine {
    let functions: [any Node]
    let globals: [Value]
    let limits: JQLimits
    let now: ExactNumber?
    let zone: JQZone

    // Registers. Where `node` is nil, `value` is an output on its way to `frame`.
    var node: (any Node)?
    var value = Value.null
    /// The path of `value` while paths are followed; nil otherwise.
    var path: Path?
    var scope: Environment?
    lazy var frame = Frame(base: 0)

    /// What can still be tried, the latest last; nil is the floor of a nested run.
    var choices: [Choice?] = []
    private var isExhausted = false

    /// What the record that is evaluated has taken out of its input, for the members that it computes.
    var projected = UnsafeMutableBufferPointer<JSON>(start: nil, count: 0)

    /// Regular expressions made in this run.
    var regexes: [String: Regex] = [:]
    /// Where the call stands that was entered last, for limits reached without a place of their own.
    var place = 0

    var stepsLeft: Int
    var bytesLeft: Int

    init(
        functions: [any Node], globals: [Value], limits: JQLimits, now: ExactNumber? = nil, zone: JQZone = .utc
    ) {
        self.functions = functions
        self.globals = globals
        self.limits = limits
        self.now = now
        self.zone = zone
        stepsLeft = limits.steps
        bytesLeft = limits.memory
    }

    // MARK: Limits

    /// Counts one step.
    @inline(__always)
    func step() throws(Fault) {
        stepsLeft -= 1
        if stepsLeft < 0 { throw .limit(.steps) }
    }

    /// Counts the steps of going through `count` elements.
    func work(_ count: Int) throws(Fault) {
        stepsLeft -= count >> 4
        if stepsLeft < 0 { throw .limit(.steps) }
    }

    /// Counts `bytes` of something made.
    @inline(__always)
    func produce(_ bytes: Int) throws(Fault) {
        bytesLeft -= bytes
        if bytesLeft < 0 { throw .limit(.memory) }
    }

    /// A made container whose elements nest at most `inner` deep.
    @inline(__always)
    func container(_ json: JSON, inner: Int32) throws(Fault) -> Value {
        inner < Int32(limits.nesting) ? Value(json, depth: inner + 1) : try measured(json)
    }

    /// A value of bound `depth`, measured where the bound passes the limit.
    func bounded(_ json: JSON, depth: Int32) throws(Fault) -> Value {
        depth <= Int32(limits.nesting) ? Value(json, depth: depth) : try measured(json)
    }

    private func measured(_ json: JSON) throws(Fault) -> Value {
        var nodes = 0
        let depth = json.depth(within: limits.nesting, nodes: &nodes, most: max(stepsLeft, 0) << 4)
        try work(nodes)
        guard depth <= limits.nesting else { throw .limit(.nesting) }
        return Value(json, depth: Int32(depth))
    }

    // MARK: Moving on

    /// Gives `value` to what waits for it.
    @inline(__always)
    func give(_ value: Value) {
        node = nil
        self.value = value
    }

    /// Gives `value`, reached by `path`.
    @inline(__always)
    func give(_ value: Value, _ path: Path?) {
        node = nil
        self.value = value
        self.path = path
    }

    /// Evaluates `node` with `value` as its input.
    @inline(__always)
    func enter(_ node: any Node, _ value: Value, _ path: Path?, _ scope: Environment?) {
        self.node = node
        self.value = value
        self.path = path
        self.scope = scope
    }

    func push(_ choice: Choice) throws(Fault) {
        try produce(64)
        choices.append(choice)
    }

    /// The present evaluation has no (further) output: takes up the latest choice.
    func goBack() {
        isGoingBack = true
    }
    private var isGoingBack = false

    private func takeChoice() throws(Fault) {
        try step()
        isGoingBack = false
        guard let choice = choices.popLast() ?? nil else {
            isExhausted = true
            return
        }
        try choice.retry(self)
    }

    // MARK: Running

    /// Evaluates `node` to its end; each output goes to `each`, which answers whether to go on.
    func run(
        _ start: any Node, _ input: Value, _ scope: Environment?, path: Path? = nil,
        each: (Value, Path?) throws(Fault) -> Bool
    ) throws(Fault) {
        let saved = (node: self.node, value: self.value, path: self.path, scope: self.scope, frame: frame)
        let base = Frame(base: frame.depth)
        choices.append(nil)
        let floor = choices.count
        defer {
            choices.removeLast(max(choices.count - (floor - 1), 0))
            (self.node, value, self.path, self.scope, frame) = saved
            isExhausted = false
            isGoingBack = false
        }
        frame = base
        enter(start, input, path, scope)
        while true {
            do throws(Fault) {
                guard try cycle(to: base) else { return }
                guard try each(value, self.path) else { return }
                goBack()
            } catch {
                try recover(from: error, above: floor)
            }
        }
    }

    /// Runs until an output reaches `base` (true) or nothing is left to try (false).
    private func cycle(to base: Frame) throws(Fault) -> Bool {
        while true {
            if isGoingBack {
                try takeChoice()
                if isExhausted { return false }
            } else if let current = node {
                try step()
                let traits = current.traits
                if path == nil {
                    if traits.isDirect {
                        if let result = try current.direct(value, scope, self) {
                            give(result)
                        } else {
                            goBack()
                        }
                        continue
                    }
                } else if !traits.followsPaths {
                    frame = try ComputedFrame(self)
                    path = nil
                    continue
                }
                try current.start(self)
            } else {
                if frame === base { return true }
                let waiting = frame
                frame = waiting.parent ?? base
                try waiting.resume(self)
            }
        }
    }

    /// Finds the `try` around the error, or the choices under a label; throws on what is to leave this run.
    private func recover(from fault: Fault, above floor: Int) throws(Fault) {
        isGoingBack = false
        switch fault.kind {
        case .fatal, .limit, .halted: throw fault
        case .breaking(let height):
            guard height >= floor else { throw fault }
            choices.removeLast(max(choices.count - height, 0))
            goBack()
        case .raised(let error):
            var waiting: Frame? = frame
            while let current = waiting {
                if let handler = current as? CatchFrame {
                    guard let parent = current.parent else { break }
                    choices.removeLast(max(choices.count - handler.height, 0))
                    frame = parent
                    node = nil
                    do throws(Fault) {
                        try handler.handle(error, fault, self)
                    } catch {
                        try recover(from: error, above: floor)
                    }
                    return
                }
                waiting = current.parent
            }
            throw fault
        }
    }
}
