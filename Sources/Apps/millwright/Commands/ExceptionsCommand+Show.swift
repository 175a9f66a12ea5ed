import ArgumentParser
import Canonical
import Contracts
import ExactJSON
import Store

extension ExceptionsCommand {
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one exception with everything that is known of it.")
        @OptionGroup var options: FolderOptions
        @Argument(help: "The exception's id.") var id: Int64
        @Flag(help: "One line of JSON.") var json = false

        func run() throws {
            let story = try options.reader().read { try ExceptionStory(id, $0) }
            guard let story else { throw CommandFailure(description: "there is no exception \(id)") }
            if json { return Output.json(story.json) }
            let record = story.record
            Output.say("\(record.failure.kind.code)  \(record.failure.message)")
            if let subject = record.failure.subject { Output.say("record: \(subject.title), \(subject.url)") }
            Output.say("what to do: \(record.failure.suggestion)\n")
            for (label, text) in story.facts { Output.say("\(label): \(text)") }
            if let words = story.mappedBy { Output.say("mapped by: \(words)") }
            for delivery in story.deliveries {
                let hand = delivery.isEdited ? ", written by hand" : ""
                Output.say("\ncommand of delivery \(delivery.id)\(hand):\n  \(delivery.arguments)")
            }
            if story.deliveries.count > 1, let arguments = record.arguments {
                Output.say("\nthe command that joins them:\n  \(arguments)")
            }
            if let map = story.map {
                let end = map.isCut ? "\n  …" : ""
                Output.say("\nmap \(map.path), as it was then:\n\(Self.indented(map.text))\(end)")
            }
            if let document = story.document {
                Output.say("\nevent:\n\(Self.indented(document.pretty))")
            } else {
                Output.say("\noriginal:\n  \(String(decoding: record.original, as: UTF8.self))")
            }
            if !story.notes.isEmpty { Output.say("\nhistory:") }
            for note in story.notes { Output.say("  \(note.time) \(note.by) \(note.kind.rawValue): \(note.text)") }
            for other in story.others {
                Output.say("\nexception \(other.id) of the same event: \(other.state.name), \(other.failure.message)")
            }
        }

        private static func indented(_ text: String) -> String {
            text.split(whereSeparator: \.isNewline).map { "  " + $0 }.joined(separator: "\n")
        }
    }
}
