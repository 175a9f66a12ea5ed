/// Files on records, and what people are asked to do about them.
enum PeopleOperations {
    static let all: [any OdooOperation] = [AttachmentAdd(), ActivityCreate(), ActivityDone()]
}
