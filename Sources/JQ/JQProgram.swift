public import ExactJSON

/// A compiled jq program: compile once, run as often as needed, from any number of threads at once.
///
/// The language is jq 1.7 with exact decimal numbers and without ways out of the program: no files, no environment, no
/// clock of its own. Every run is bounded by ``JQLimits`` and works on the heap, so that no program and no input can
/// hang it or overflow the stack.
public struct JQProgram: Sendable {
    /// The name given at compilation, which errors carry.
    public let name: String
    /// The calls of host functions in the program, for checks of their constant arguments.
    public let hostCalls: [JQHostCall]
    private let root: any Node
    private let functions: [any Node]
    private let variableNames: [String]
    private let lines: SourceLines

    /// The largest program that is compiled, in bytes.
    public static let maximumSourceBytes = 1 << 20

    /// Compiles `source`.
    ///
    /// - Parameters:
    ///   - name: what errors call the program, such as its file's path.
    ///   - functions: functions that the host adds to the language.
    ///   - variables: names of variables whose values come with each run, with or without their `$`.
    /// - Throws: ``JQCompileError`` at the first construct that is wrong, unknown or not supported.
    public static func compile(
        _ source: String, name: String = "program.jq", functions: [JQHostFunction] = [], variables: [String] = []
    ) throws(JQCompileError) -> JQProgram {
        let lines = SourceLines(source)
        do throws(SyntaxFault) {
            guard source.utf8.count <= maximumSourceBytes else {
                throw SyntaxFault(offset: 0, reason: "the program is longer than \(maximumSourceBytes) bytes")
            }
            let names = variables.map { $0.hasPrefix("$") ? String($0.dropFirst()) : $0 }
            var compiler = Compiler(hostFunctions: functions, globals: names)
            compiler.lines = lines
            let root = try compiler.compile(try Parser.parse(source), .empty)
            return JQProgram(name: name, root: root, compiler, names: names, lines)
        } catch {
            let (line, column) = lines.position(of: error.offset)
            throw JQCompileError(
                name: name, line: line, column: column, reason: error.reason, suggestion: error.suggestion)
        }
    }

    private init(name: String, root: any Node, _ compiler: Compiler, names: [String], _ lines: SourceLines) {
        self.name = name
        self.root = root
        self.lines = lines
        functions = compiler.functions.map { $0 ?? EmptyNode() }
        variableNames = names
        hostCalls = compiler.hostCalls.sorted { $0.offset < $1.offset }.map { call in
            let (line, column) = lines.position(of: call.offset)
            return JQHostCall(name: call.name, arguments: call.arguments, line: line, column: column)
        }
    }

    /// All outputs for `input`.
    ///
    /// - Parameters:
    ///   - variables: the values of the variables named at compilation, in their order.
    ///   - now: the time that `now` gives, in seconds since 1970; without it `now` is an error.
    ///   - zone: what local time is.
    ///   - limits: what the run may use.
    /// - Throws: ``JQRuntimeError`` for an error that the program does not catch, and for a limit reached.
    public func run(
        _ input: JSON, variables: [JSON] = [], now: ExactNumber? = nil, zone: JQZone = .utc,
        limits: JQLimits = .default
    ) throws(JQRuntimeError) -> [JSON] {
        if root.isDirect {
            let machine = try machine(variables, now, zone, limits)
            do throws(Fault) {
                guard let output = try output(input, machine) else { return [] }
                guard limits.outputs > 0 else { throw .limit(.outputs) }
                return [output]
            } catch {
                return try ended(by: error, machine, [])
            }
        }
        var outputs: [JSON] = []
        try run(input, variables, now, zone, limits) { (output) throws(Fault) -> Bool in
            guard outputs.count < limits.outputs else { throw .limit(.outputs) }
            outputs.append(output)
            return true
        }
        return outputs
    }

    /// The first output for `input`, nil where there is none; the program is not asked for more.
    ///
    /// Parameters and errors are those of ``run(_:variables:now:zone:limits:)``.
    public func first(
        _ input: JSON, variables: [JSON] = [], now: ExactNumber? = nil, zone: JQZone = .utc,
        limits: JQLimits = .default
    ) throws(JQRuntimeError) -> JSON? {
        var first: JSON?
        try run(input, variables, now, zone, limits) { (output) throws(Fault) -> Bool in
            first = output
            return false
        }
        return first
    }

    /// Hands each output for `input` to `each` as it comes, up to the end, an error, or `each` answering false.
    ///
    /// Parameters and errors are those of ``run(_:variables:now:zone:limits:)``; what came before an error was handed
    /// out.
    public func run(
        _ input: JSON, variables: [JSON] = [], now: ExactNumber? = nil, zone: JQZone = .utc,
        limits: JQLimits = .default, each: (JSON) -> Bool
    ) throws(JQRuntimeError) {
        var count = 0
        try run(input, variables, now, zone, limits) { (output) throws(Fault) -> Bool in
            guard count < limits.outputs else { throw .limit(.outputs) }
            count += 1
            return each(output)
        }
    }

    private func run(
        _ input: JSON, _ variables: [JSON], _ now: ExactNumber?, _ zone: JQZone, _ limits: JQLimits,
        each: (JSON) throws(Fault) -> Bool
    ) throws(JQRuntimeError) {
        let machine = try machine(variables, now, zone, limits)
        do throws(Fault) {
            if root.isDirect {
                guard let output = try output(input, machine) else { return }
                _ = try each(output)
            } else {
                try machine.run(root, Value(foreign: input), nil) { (output, _) throws(Fault) -> Bool in
                    try each(OutputInspector.finished(output.json, machine))
                }
            }
        } catch {
            try ended(by: error, machine, ())
        }
    }

    private func machine(
        _ variables: [JSON], _ now: ExactNumber?, _ zone: JQZone, _ limits: JQLimits
    ) throws(JQRuntimeError) -> Machine {
        guard variables.count == variableNames.count else {
            let text = "the program wants \(variableNames.count) variable(s) and was given \(variables.count)"
            throw runtimeError(Fault(.fatal(text)), limits, place: 0)
        }
        let globals = variables.isEmpty ? [] : variables.map(Value.init(foreign:))
        return Machine(functions: functions, globals: globals, limits: limits, now: now, zone: zone)
    }

    /// The one output of a program that is direct, nil where it has none.
    private func output(_ input: JSON, _ machine: Machine) throws(Fault) -> JSON? {
        try machine.step()
        guard let output = try root.direct(Value(foreign: input), nil, machine) else { return nil }
        return try OutputInspector.finished(output.json, machine)
    }

    /// `result` where the program asked for its end, the error for any other fault.
    private func ended<Result>(
        by fault: Fault, _ machine: Machine, _ result: Result
    ) throws(JQRuntimeError) -> Result {
        if case .halted(nil, _) = fault.kind { return result }
        throw runtimeError(fault, machine.limits, place: machine.place)
    }

    private func runtimeError(_ fault: Fault, _ limits: JQLimits, place: Int) -> JQRuntimeError {
        let (line, column) = lines.position(of: fault.offset ?? place)
        let kind: JQRuntimeError.Kind
        let message: String
        switch fault.kind {
        case .raised(let value):
            kind = .raised(OutputInspector.plain(value))
            if case .string(let text) = value {
                message = text
            } else {
                message = "\(Shown.typed(value)) (not a string)"
            }
        case .fatal(let text):
            kind = .fatal
            message = text
        case .halted(let value, let code):
            kind = .halted(OutputInspector.plain(value ?? .null), exitCode: code)
            message = "halted: " + (value?.string ?? Shown.short(value ?? .null, bytes: 80))
        case .limit(let name):
            kind = .limit(name)
            message = "the limit of \(limits[name]) \(name.unit) was reached"
        case .breaking:
            kind = .fatal
            message = "break outside of its label"
        }
        let input = fault.input.map { Shown.short($0, bytes: 80) } ?? ""
        return JQRuntimeError(kind: kind, message: message, name: name, line: line, column: column, input: input)
    }
}

extension JQLimits.Name {
    fileprivate var unit: String {
        switch self {
        case .steps: "steps"
        case .depth: "evaluations waiting for one another"
        case .outputs: "outputs"
        case .memory: "bytes"
        case .nesting: "levels of nesting"
        }
    }
}
