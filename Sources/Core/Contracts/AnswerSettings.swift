/// How questions to one target are answered, and every bound of that.
package struct AnswerSettings: Sendable, Hashable {
    /// How old an answer may be that is given again without asking.
    package var age = Duration.seconds(15)
    /// How old the last known answer may be where the target cannot be asked; what is older is not given.
    package var fallback = Duration.seconds(900)
    /// How long the target may take; then the fallback is given.
    package var timeout = Duration.seconds(10)
    /// Questions that the target is asked at the same time, beside the commands that it carries out.
    package var concurrency = 2
    /// Different questions that wait for their turn; a further one gets the fallback, else a refusal.
    package var waiting = 32
    /// People and programs that wait for answers; a further one gets the fallback, else a refusal.
    package var callers = 256
    /// Answers that are remembered; the oldest goes first.
    package var entries = 1_000
    /// Bytes of an answer that is remembered; a longer one is given and forgotten.
    package var answerBytes = 256 << 10
    /// Failures in a row after which the target is left alone.
    package var failures = 3
    /// How long it is left alone.
    package var cooldown = Duration.seconds(15)

    package init() {}
}
