import Contracts
import ExactJSON

/// What a command says that moved, by the transfer's own lines. Pure but for its look-ups.
struct TransferLines: Sendable {
    struct Line: Sendable {
        let move: Int
        /// In the move's unit.
        let quantity: ExactNumber
        /// The place of its lot among ``lots``.
        let lot: Int?
        /// The place among ``packages`` of what it is packed in.
        var package: Int?
    }

    private(set) var lines: [Line] = []
    private(set) var lots: [LotNeed] = []
    /// Names of packages.
    private(set) var packages: [String] = []
    let summary: String

    /// `missing`: what it says where it has no line of a product.
    init(
        _ arguments: Arguments, _ moves: [MoveRecord], of missing: String = "the transfer has no open line for",
        in session: OdooSession
    ) async throws(OdooError) {
        let list = try arguments.list("lines")
        guard list.count <= FormReader.maximumLines else {
            throw arguments.wrong("lines", "at most \(FormReader.maximumLines) lines")
        }
        guard !list.isEmpty else {
            for move in moves {
                guard move.tracking == .none else {
                    throw .reject(
                        OdooFailures.lotNeeded,
                        "\(move.productLabel) is tracked by \(move.tracking.rawValue): name each lot in `lines`")
                }
                lines.append(Line(move: move.id, quantity: move.planned, lot: nil))
            }
            summary = "all \(moves.count) lines as planned"
            return
        }
        var left = Dictionary(moves.map { ($0.id, $0.planned) }, uniquingKeysWith: { first, _ in first })
        for (index, element) in list.enumerated() {
            let line = Arguments(operation: "\(arguments.operation), lines[\(index)],", json: element)
            let product = try await session.directory.product(code: line.requiredText("item"))
            let own = moves.filter { $0.product == product.id }
            // What was planned twice fills up in order; what is too much stays on the last.
            let open = own.first { !(left[$0.id] ?? ExactNumber(0)).isZero && left[$0.id]?.isNegative == false }
            guard let move = open ?? own.last else {
                throw .reject(OdooFailures.notAComponent, "\(missing) \(product.label)")
            }
            let (units, unit) = try await session.directory.unit(move.unit)
            let quantity = try units.exactly(line.requiredQuantity("quantity"), in: unit)
            guard !quantity.isNegative, !quantity.isZero else { throw line.wrong("quantity", "more than 0") }
            left[move.id] = try Exact.subtract(left[move.id] ?? ExactNumber(0), quantity)
            var lot: Int?
            if move.tracking != .none {
                guard let name = try line.text("lot") else {
                    throw .reject(OdooFailures.lotNeeded, "\(product.label) is tracked by \(move.tracking.rawValue)")
                }
                let need = LotNeed(name: name, product: product.id, company: nil)
                lot = lots.firstIndex(of: need) ?? lots.count
                if lot == lots.count { lots.append(need) }
            }
            var package: Int?
            if let name = try line.text("package") {
                package = packages.firstIndex(of: name) ?? packages.count
                if package == packages.count { packages.append(name) }
            }
            lines.append(Line(move: move.id, quantity: quantity, lot: lot, package: package))
        }
        summary = "\(list.count) lines"
    }

    /// The commands that write them to the transfer's moves. What is not named did not move.
    func commands(
        of transfer: Int?, _ moves: [MoveRecord], lots: [JSON], packages: [JSON], _ dialect: OdooDialect
    ) throws(OdooError) -> [JSON] {
        var list: [JSON] = []
        for move in moves {
            let own = lines.filter { $0.move == move.id }
            guard !own.isEmpty, move.tracking != .none || own.contains(where: { $0.package != nil }) else {
                var sum = ExactNumber(0)
                for line in own { sum = try Exact.add(sum, line.quantity) }
                var values = move.values(used: sum.trimmed(), dialect)
                if own.isEmpty, dialect.hasPicked { values["picked"] = false }
                list.append([1, .int(move.id), values])
                continue
            }
            // What was reserved gives way to what is stated.
            var commands: [JSON] = move.lines.map { [2, .int($0), 0] }
            for line in own {
                commands.append(
                    move.newLine(
                        lot: line.lot.map { lots[$0] }, quantity: line.quantity, transfer: transfer,
                        package: line.package.map { packages[$0] }, dialect))
            }
            list.append([1, .int(move.id), ["move_line_ids": .array(commands)]])
        }
        return list
    }
}
