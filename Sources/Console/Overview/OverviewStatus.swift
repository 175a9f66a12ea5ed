import Canonical
package import ExactJSON

extension OverviewSnapshot {
    /// The snapshot as `GET /v1/status` answers it. Times are RFC 3339, durations whole milliseconds, rates per second.
    package var json: JSON {
        [
            "version": .string(version), "time": Self.time(time), "node": .string(node), "role": .string(role),
            "started": Self.time(started),
            "status": .string(OverviewSections.style(OverviewJudgement(self).concerns.first?.level ?? .good)),
            "attention": .array(
                OverviewJudgement(self).concerns.map {
                    [
                        "level": .string(OverviewSections.style($0.level)), "subject": .string($0.subject),
                        "sentence": .string($0.sentence),
                    ]
                }),
            "rates": rates.json, "history": .array(history.suffix(Self.maximumHistory).map(\.json)),
            "totals": [
                "captured": .int(totals.captured), "stored": .int(totals.stored), "delivered": .int(totals.delivered),
            ],
            "latencyMs": latency.map { ["p50": Self.milliseconds($0.p50), "p99": Self.milliseconds($0.p99)] } ?? .null,
            "plants": .array(plants.map(json)), "nodes": .array(nodes.map(json)), "sources": .array(sources.map(json)),
            "targets": .array(targets.map(json)),
            "exceptions": exceptions.json,
            "paused": .array(
                pauses.map {
                    [
                        "kind": .string($0.subject.kind), "name": .string($0.subject.name),
                        "since": .string($0.since.description), "by": .string($0.by),
                        "note": $0.note.map { .string($0) } ?? .null,
                    ]
                }),
        ]
    }

    private static func time(_ instant: Instant?) -> JSON { instant.map { .string($0.description) } ?? .null }
    private static func milliseconds(_ duration: Duration?) -> JSON {
        duration.map { .int(Int($0.microseconds / 1_000)) } ?? .null
    }
    fileprivate static func rate(_ value: Double) -> JSON {
        .number(
            ExactNumber(coefficient: Int64(min(max(0, value.isFinite ? value : 0), 1e12) * 1_000), scale: 3).trimmed())
    }

    private func json(_ node: Node) -> JSON {
        [
            "name": .string(node.name), "role": .string(node.role),
            "state": .string(OverviewJudgement(self).verdict(node).word),
            "lastSeen": Self.time(node.lastSeen), "clockSkewMs": Self.milliseconds(node.clockSkew),
            "buffer": node.buffer.map {
                [
                    "usedBytes": .int($0.usedBytes), "ceilingBytes": .int($0.ceilingBytes),
                    "waitingEvents": .int($0.waitingEvents),
                ]
            } ?? .null,
        ]
    }

    private func json(_ plant: Plant) -> JSON {
        let standing = PlantJudgement(plant, OverviewJudgement(self))
        return [
            "name": .string(plant.name), "state": .string(standing.verdict.word),
            "sources": .int(standing.sources), "sourcesWorking": .int(standing.working),
            "assets": .int(plant.assets), "assetsHeard": .int(plant.heard),
            "lastReading": Self.time(plant.lastReading), "exceptions": .int(plant.exceptions),
            "late": .array(standing.late.map { .string($0.words) }),
        ]
    }

    private func json(_ source: Source) -> JSON {
        let verdict = OverviewJudgement(self).verdict(source)
        return [
            "name": .string(source.name), "connector": .string(source.connector), "state": .string(verdict.word),
            "reason": verdict.detail.map { .string($0) } ?? .null, "lastReading": Self.time(source.lastReading),
            "readingsPerSecond": Self.rate(source.readingsPerSecond),
        ]
    }

    private func json(_ target: Target) -> JSON {
        let judgement = OverviewJudgement(self)
        let breaker =
            switch target.breaker {
            case .closed: "closed"
            case .halfOpen: "half-open"
            case .open: "open"
            }
        return [
            "name": .string(target.name), "connector": .string(target.connector),
            "state": .string(judgement.verdict(target).word), "waiting": .int(target.waiting),
            "inFlight": .int(target.inFlight), "blockedKeys": .int(target.blockedKeys), "breaker": .string(breaker),
            "warnings": .array(target.warnings.map { .string($0) }),
            "quietUntil": Self.time(target.quietUntil),
            "oldestWaiting": Self.time(target.oldestWaiting), "isLate": .bool(judgement.isLate(target)),
            "lastError": target.lastError.map {
                [
                    "code": .string($0.code), "message": .string($0.message), "time": Self.time($0.time),
                    "acceptedSince": .bool($0.isOver),
                ]
            } ?? .null,
        ]
    }
}

extension OverviewSnapshot.Rates {
    fileprivate var json: JSON {
        [
            "captured": OverviewSnapshot.rate(captured), "stored": OverviewSnapshot.rate(stored),
            "delivered": OverviewSnapshot.rate(delivered),
        ]
    }
}

extension OverviewSnapshot.Exceptions {
    fileprivate var json: JSON {
        [
            "open": .int(open),
            "causes": .array(
                causes.map { ["code": .string($0.code), "title": .string($0.title), "count": .int($0.count)] }),
            "newest": .array(
                newest.map {
                    [
                        "id": .string($0.id), "time": .string($0.time.description), "code": .string($0.code),
                        "subject": .string($0.subject), "reason": .string($0.reason),
                        "suggestion": .string($0.suggestion),
                    ]
                }),
        ]
    }
}
