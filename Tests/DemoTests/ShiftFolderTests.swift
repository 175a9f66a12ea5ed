import ExactJSON
import Foundation
import Testing

/// `millwright test` over whole shifts: the folder's calendar, signals and flows, on a clock that jumps.
@Suite("millwright test with shifts")
struct ShiftFolderTests {
    private static let settings = [
        "millwright.yaml": "node: berlin\nlisten: 127.0.0.1:0\n",
        "plants.yaml": """
        plants:
          berlin:
            zone: Europe/Berlin
            assets: { turn-1: {} }
            shifts:
              night: { times: "22:00-06:00", breaks: "01:00-01:30" }
              early: { times: "mon-fri 06:00-14:00" }
            holidays: [2026-10-26]
            exceptions:
              2026-10-27: { early: 08:00-09:00 }

        """,
        "sources/turn.yaml": """
        source: turn
        protocol: mtconnect
        plant: berlin
        asset: turn-1
        endpoint: 127.0.0.1:7878
        signals:
          - role: counter
            tag: ppartcount
          - role: scrap
            tag: pscrap
          - role: state
            tag: pexecution
            map: { ACTIVE: running, STOPPED: down }
            silent: 12h
            heartbeat: "*"
          - role: threshold
            tag: Stemp
            above: 80
            aboveUntil: 75
            lasts: 30s
            unit: °C
          - role: energy
            tag: Skwh
            every: 1h
          - role: window
            shifts: [night, early]
            grace: 10m
            microStop: 2m
            runTimePerUnit: 5m

        """,
        "targets/book.yaml": "target: book\nprotocol: files\npath: book/{number}.jsonl\n",
    ]

    private func test(_ text: String) throws -> (code: Int32, json: JSON) {
        let folder = try SettingsFolder(Self.settings)
        defer { folder.remove() }
        try folder.write("tests/shifts.yaml", text)
        return try Program.json(["test", "--folder", folder.path])
    }

    @Test("the night in which clocks are put back is nine hours, and late words amend its summary")
    func night() throws {
        let told = try test(
            #"""
            cases:
              - case: a night of nine hours
                at: 2026-10-24T20:00:00Z
                given:
                  - source: turn
                    text: "2026-10-24T20:00:00Z|ppartcount|0|pscrap|0|pexecution|ACTIVE\n"
                  - source: turn
                    after: 2h
                    text: "2026-10-24T22:00:00Z|pexecution|STOPPED\n2026-10-24T22:01:30Z|pexecution|ACTIVE\n"
                  - source: turn
                    after: 5h
                    text: "2026-10-25T03:00:00Z|ppartcount|90|pscrap|2|pexecution|STOPPED\n"
                  - source: turn
                    after: 3h
                    text: "2026-10-25T04:50:00Z|ppartcount|95\n"
                wait: 20m
                expect:
                  events:
                    - { type: millwright.equipment.state-changed.v1 }
                    - { type: millwright.equipment.state-changed.v1 }
                    - { type: millwright.equipment.state-changed.v1 }
                    - { type: millwright.production.completed.v1 }
                    - { type: millwright.production.scrapped.v1 }
                    - { type: millwright.equipment.state-changed.v1 }
                    - type: millwright.shift.summarized.v1
                      source: /berlin/turn-1
                      time: 2026-10-25T05:00:00Z
                      data:
                        asset: turn-1
                        shift: night
                        day: "2026-10-24"
                        from: 2026-10-24T20:00:00.000000Z
                        to: 2026-10-25T05:00:00.000000Z
                        revision: 1
                        # Nine hours without the break of half an hour.
                        planned: 30600
                        running: 23400
                        down: 7200
                        states: { running: 23400, down: 7200 }
                        unknown: 0
                        breakRunning: 1800
                        microStops: 1
                        microStopped: 90
                        good: { value: 90, unit: pcs }
                        scrap: { value: 2, unit: pcs }
                        runTimePerUnit: 300
                        availability: 0.7647
                        effectiveness: 1.0952
                        qualityRatio: 0.9783
                        oee: 0.8193
                    - { type: millwright.production.completed.v1 }
                    - type: millwright.shift.summarized.v1
                      time: 2026-10-25T05:00:00Z
                      data:
                        asset: turn-1
                        shift: night
                        day: "2026-10-24"
                        from: 2026-10-24T20:00:00.000000Z
                        to: 2026-10-25T05:00:00.000000Z
                        revision: 2
                        planned: 30600
                        running: 23400
                        down: 7200
                        states: { running: 23400, down: 7200 }
                        unknown: 0
                        breakRunning: 1800
                        microStops: 1
                        microStopped: 90
                        good: { value: 95, unit: pcs }
                        scrap: { value: 2, unit: pcs }
                        runTimePerUnit: 300
                        availability: 0.7647
                        effectiveness: 1.1548
                        qualityRatio: 0.9794
                        oee: 0.8648
            """#)
        #expect(told.code == 0, "\(told.json)")
    }

    @Test("a holiday has no early shift, an exception moves it; limits, silence and energy work over a whole folder")
    func rest() throws {
        let told = try test(
            #"""
            cases:
              - case: a holiday and an exception
                at: 2026-10-26T06:00:00Z
                given:
                  - source: turn
                    text: "2026-10-26T06:00:00Z|ppartcount|0|pexecution|ACTIVE|Stemp|70|Skwh|10.5\n"
                  - source: turn
                    after: 40m
                    text: "2026-10-26T06:40:00Z|Stemp|81\n"
                  - source: turn
                    after: 1h
                    text: "2026-10-26T07:40:00Z|Skwh|12.25|Stemp|75\n"
                wait: 26h
                expect:
                  events:
                    - { type: millwright.equipment.state-changed.v1 }
                    - type: millwright.equipment.condition-raised.v1
                      time: 2026-10-26T06:40:00Z
                      data:
                        asset: turn-1
                        condition: Stemp.high
                        severity: fault
                        value: { value: 81, unit: °C }
                        threshold: { value: 80, unit: °C }
                        message: Stemp is 81 °C, above 80 °C
                        native: { name: Stemp, value: 81 }
                    - type: millwright.equipment.energy-measured.v1
                      data:
                        asset: turn-1
                        energy: { value: 1.75, unit: kWh }
                        from: 2026-10-26T06:00:00.000000Z
                        to: 2026-10-26T07:40:00.000000Z
                        native: { name: Skwh }
                    - { type: millwright.equipment.condition-cleared.v1 }
                    - { type: millwright.equipment.state-changed.v1, time: 2026-10-26T19:40:00Z }
                    # No shift begins on the holiday, and the exception's is the first one behind it.
                    - type: millwright.shift.summarized.v1
                      time: 2026-10-27T08:00:00Z
                      data:
                        asset: turn-1
                        shift: early
                        day: "2026-10-27"
                        from: 2026-10-27T07:00:00.000000Z
                        to: 2026-10-27T08:00:00.000000Z
                        revision: 1
                        planned: 3600
                        running: 0
                        down: 0
                        states: { unavailable: 3600 }
                        unknown: 0
                        breakRunning: 0
                        microStops: 0
                        microStopped: 0
                        good: { value: 0, unit: pcs }
                        scrap: { value: 0, unit: pcs }
                        runTimePerUnit: 300
                        availability: 0
            """#)
        #expect(told.code == 0, "\(told.json)")
    }
}
