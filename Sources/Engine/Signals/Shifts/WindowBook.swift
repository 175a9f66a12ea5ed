import Canonical
import ExactJSON

/// What is kept of one asset until its shifts are told: slots of a quarter of an hour.
///
/// Everything is recorded at the time at which it happened, whatever time it comes in, and shifts are reckoned from the
/// slots: so what comes late or out of order is in the right shift, and so it is when the calendar changes meanwhile.
struct WindowBook: Sendable {
    let asset: AssetID
    let name: String

    private var key: StateKey { StateKey(asset: asset, name: name) }

    private func slot(_ number: Int64, _ pass: inout SignalPass) throws -> Int {
        try pass.memory.windowSlots.slot(
            StateKey(asset: asset, name: name, detail: String(number)), load: pass.load)
    }

    private func index(_ pass: inout SignalPass) throws -> Int {
        try pass.memory.windowIndexes.slot(key, load: pass.load)
    }

    /// The slot for something new at `time`.
    private func open(_ time: Instant, _ pass: inout SignalPass) throws -> (slot: Int, offset: Int64) {
        let number = WindowSlot.number(time)
        let index = try index(&pass)
        if pass.memory.windowIndexes[index].insert(number) { pass.memory.windowIndexes.markDirty(index) }
        let slot = try slot(number, &pass)
        pass.memory.windowSlots.markDirty(slot)
        return (slot, time.since(WindowSlot.begin(number)).microseconds)
    }

    func note(_ note: StateNote, _ pass: inout SignalPass) throws {
        let (slot, offset) = try open(note.time, &pass)
        pass.memory.windowSlots[slot].note(WindowSlot.Note(offset: offset, voice: note.voice, word: note.word))
    }

    func count(_ amount: ExactNumber, isScrap: Bool, at time: Instant, _ pass: inout SignalPass) throws {
        let (slot, offset) = try open(time, &pass)
        try pass.memory.windowSlots[slot].count(amount, minute: Int(offset / 60_000_000), isScrap: isScrap)
    }

    /// What was counted from `from` to `to`, which are whole minutes.
    func counts(
        from: Instant, to: Instant, _ pass: inout SignalPass
    ) throws -> (good: ExactNumber, scrap: ExactNumber) {
        var sums = (good: ExactNumber(0), scrap: ExactNumber(0))
        for number in try numbers(from: from, to: to, &pass) {
            let found = pass.memory.windowSlots[try slot(number, &pass)]
            let begin = WindowSlot.begin(number)
            func isWithin(_ minute: Int) -> Bool { (from..<to).contains(begin + .seconds(minute * 60)) }
            for (minute, value) in found.good where isWithin(minute) {
                sums.good = try ExactNumber.adding(sums.good, value)
            }
            for (minute, value) in found.scrap where isWithin(minute) {
                sums.scrap = try ExactNumber.adding(sums.scrap, value)
            }
        }
        return sums
    }

    /// What the voices said from `from` to `to`, what each had said before, and whether nothing had to be left out.
    func notes(
        from: Instant, to: Instant, of voices: [String], _ pass: inout SignalPass
    ) throws -> (notes: [ShiftTimeline.Note], before: [String: String], isWhole: Bool) {
        var notes: [ShiftTimeline.Note] = []
        var isWhole = true
        for number in try numbers(from: from, to: to, &pass) {
            let found = pass.memory.windowSlots[try slot(number, &pass)]
            isWhole = isWhole && !found.isFull
            for note in found.notes {
                let time = WindowSlot.begin(number) + .microseconds(note.offset)
                if from <= time, time < to {
                    notes.append(ShiftTimeline.Note(time: time, voice: note.voice, word: note.word))
                }
            }
        }
        return (notes, try words(before: from, of: voices, &pass), isWhole)
    }

    /// What each voice said last before `time`.
    private func words(
        before time: Instant, of voices: [String], _ pass: inout SignalPass
    ) throws -> [String: String] {
        let state = pass.memory.windows[try pass.memory.windows.slot(key, load: pass.load)]
        var words = state.carry
        var missing = Set(voices)
        let index = try index(&pass)
        for number in pass.memory.windowIndexes[index].slots.reversed() where WindowSlot.begin(number) < time {
            if missing.isEmpty { break }
            for note in pass.memory.windowSlots[try slot(number, &pass)].notes.reversed()
            where WindowSlot.begin(number) + .microseconds(note.offset) < time && missing.remove(note.voice) != nil {
                words[note.voice] = note.word
            }
        }
        return words
    }

    private func numbers(from: Instant, to: Instant, _ pass: inout SignalPass) throws -> [Int64] {
        let index = try index(&pass)
        return pass.memory.windowIndexes[index].slots.filter {
            WindowSlot.begin($0) < to && from < WindowSlot.begin($0) + WindowSlot.length
        }
    }

    /// Gives up what happened before `floor`, and more where there is too much; what the voices said last is carried
    /// on.
    func prune(before floor: Instant, of voices: [String], _ pass: inout SignalPass) throws {
        let index = try index(&pass)
        let slots = pass.memory.windowIndexes[index].slots
        let whole = slots.prefix { WindowSlot.begin($0) + WindowSlot.length <= floor }.count
        let dropped = max(whole, slots.count - WindowIndex.maximumSlots)
        let state = try pass.memory.windows.slot(key, load: pass.load)
        guard dropped > 0, let last = slots.prefix(dropped).last else { return }
        let border = WindowSlot.begin(last) + WindowSlot.length
        let carry = try words(before: border, of: voices, &pass)
        pass.memory.windows[state].carry = carry
        pass.memory.windows[state].floor = max(pass.memory.windows[state].floor, border)
        pass.memory.windows.markDirty(state)
        for number in slots.prefix(dropped) {
            let slot = try slot(number, &pass)
            pass.memory.windowSlots[slot].empty()
            pass.memory.windowSlots.markDirty(slot)
        }
        pass.memory.windowIndexes[index].slots.removeFirst(dropped)
        pass.memory.windowIndexes.markDirty(index)
    }
}
