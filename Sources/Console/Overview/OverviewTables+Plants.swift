import Canonical

extension OverviewTables {
    /// What is shown of what is late; the rest is counted.
    private static let maximumLate = 3

    var plants: HTML {
        table(
            "Plants", "how each of them stands",
            empty: "No plant is set up. Name it in plants.yaml with its equipment and it shows up here.",
            columns: [
                ("Plant", false), ("State", false), ("Sources working", true), ("Assets heard of", true),
                ("Last reading", true), ("Exceptions", true), ("Late", false),
            ],
            rows: snapshot.plants.map { plant in
                let standing = PlantJudgement(plant, judgement)
                return [
                    "<span class=\"name\">\(plant.name)</span>", Self.pill(standing.verdict),
                    Self.part(standing.working, of: standing.sources), Self.part(plant.heard, of: plant.assets),
                    plant.lastReading.map(ago) ?? Self.none, openExceptions(of: plant), Self.late(standing),
                ]
            })
    }

    private static func part(_ count: Int, of all: Int) -> HTML {
        all > 0 ? HTML(text: "\(PageFormat.count(count)) of \(PageFormat.count(all))") : none
    }

    private func openExceptions(of plant: OverviewSnapshot.Plant) -> HTML {
        let isPart = snapshot.exceptions.open > OverviewSnapshot.Plant.countedExceptions
        guard plant.exceptions > 0 || isPart else { return Self.none }
        return HTML(text: "\(isPart ? "at least " : "")\(PageFormat.count(plant.exceptions))")
    }

    private static func late(_ standing: PlantJudgement) -> HTML {
        guard !standing.late.isEmpty else { return none }
        let words = standing.late.prefix(maximumLate).map { $0.words }
        let more = standing.late.count - words.count
        let rest = more > 0 ? ["\(PageFormat.count(more)) more"] : []
        return HTML(text: (words + rest).joined(separator: ", "))
    }
}
