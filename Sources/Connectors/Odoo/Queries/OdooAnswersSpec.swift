package import Contracts

/// The settings of a target's `answers`: whether and how it is asked over HTTP.
package enum OdooAnswersSpec {
    static let token = Field<SecretReference>(
        "token", example: "${file:/run/secrets/answers}",
        "What requests must bear, at least 16 characters; without it everybody who reaches the listener may ask.")
    static let age = Field<Duration>(
        "age", in: .zero...(.seconds(3_600)), default: "15s",
        "How old an answer may be that is given again without asking Odoo.")
    static let fallback = Field<Duration>(
        "fallback", in: .zero...(.seconds(7 * 86_400)), default: "15m",
        "How old the last known answer may be where Odoo cannot be asked; an older one is not given.")
    static let timeout = Field<Duration>(
        "timeout", in: .milliseconds(100)...(.seconds(60)), default: "10s",
        "How long Odoo may take; then the last known answer is given.")
    static let concurrency = Field<Int>(
        "concurrency", .integer(1...16), default: "2",
        "How many questions Odoo is asked at the same time, beside the commands.")
    static let hold = Field<[String]>(
        "hold", default: "[quality, quarantine, hold]",
        "Words that mean a quality hold where they stand in a location's name, or in the type or summary of an "
            + "activity on an order or lot.")

    static let models = Field<[String]>(
        "models", default: "[]", example: "[stock.lot, product.product]",
        "Odoo's models of which the question `record` reads fields; without any it is refused. The target's user may "
            + "read more than those who ask should.")

    /// `answers:`, without which the target is not asked over HTTP.
    package static let answers = Field<Settings>(
        "answers",
        fields: [token.spec, age.spec, fallback.spec, timeout.spec, concurrency.spec, hold.spec, models.spec],
        "Answers questions on the node's listener; without it there are none. `{}` takes the defaults.")

    /// What requests must bear, from the settings of ``answers``; read by whoever puts the node together.
    package static func token(in answers: Settings) throws(SettingFault) -> SecretReference? {
        try answers.optional(token)
    }
}

extension AnswerSettings {
    /// From the settings of ``OdooAnswersSpec/answers``.
    package init(_ answers: Settings) throws(SettingFault) {
        self.init()
        age = try answers(OdooAnswersSpec.age)
        fallback = try answers(OdooAnswersSpec.fallback)
        timeout = try answers(OdooAnswersSpec.timeout)
        concurrency = try answers(OdooAnswersSpec.concurrency)
    }
}
