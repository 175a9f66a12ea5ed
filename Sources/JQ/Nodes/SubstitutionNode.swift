import ExactJSON

/// `sub(re; text; flags)`, `gsub(re; text; flags)` where `text` has at most one output.
final class SubstitutionNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    private let text: any Node
    private let isGlobal: Bool
    private let ready: Regex?
    private let offset: Int

    /// `ready` is the expression where pattern and flags are constant.
    init(_ pattern: any Node, _ text: any Node, _ flags: any Node, all: Bool, _ ready: Regex?, at offset: Int) {
        operands = [flags, pattern]
        self.text = text
        isGlobal = all
        self.ready = ready
        self.offset = offset
        let isDirect = pattern.isDirect && flags.isDirect && text.isDirect
        traits = Traits(direct: isDirect, paths: false, children: [pattern, flags, text])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        machine.place = offset
        try machine.step()
        guard let flags = try operands[0].direct(input, scope, machine) else { return nil }
        guard let pattern = try operands[1].direct(input, scope, machine) else { return nil }
        let origin = Origin(value: input, path: nil, scope: scope)
        return try combine([flags, pattern], origin, machine)
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        do throws(Fault) {
            return try replaced(values[1].json, values[0].json, origin, machine)
        } catch {
            throw error.located(at: offset, input: origin.value.json)
        }
    }

    private func replaced(
        _ pattern: JSON, _ flags: JSON, _ origin: Origin, _ machine: Machine
    ) throws(Fault) -> Value {
        guard case .string(let whole) = origin.value.json else {
            throw .message("\(Shown.typed(origin.value.json)) cannot be matched, as it is not a string")
        }
        let regex: Regex
        if let ready { regex = ready } else { regex = try machine.regex(pattern, flags) }
        let scalars = Text.scalars(whole)
        try machine.work(scalars.count)
        let all = isGlobal || regex.flags.isGlobal
        let matches = try RegexFunctions.matches(of: regex, in: scalars, all: all, machine)
        if matches.isEmpty { return origin.value }
        var result: [UInt8] = []
        var next = 0
        var isReplaced = false
        for match in matches {
            let groups = try RegexFunctions.named(scalars, match, regex, machine)
            if let new = try text.direct(groups, origin.scope, machine) {
                let gap = scalars[next..<max(match[0], next)]
                let added = try RegexFunctions.text(new.json, behind: new.json.string == nil ? Text.string(gap) : "")
                Text.append(gap, to: &result)
                result.append(contentsOf: added.utf8)
                isReplaced = true
                try machine.produce(added.utf8.count + match[0] - next)
            }
            next = match[1]
        }
        guard isReplaced else { return origin.value }
        Text.append(scalars[min(next, scalars.count)...], to: &result)
        try machine.produce(32 + scalars.count)
        return .string(String(decoding: result, as: UTF8.self))
    }
}
