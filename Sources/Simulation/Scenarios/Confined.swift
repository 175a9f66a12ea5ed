/// Lets a timer's closure reach the run.
///
/// `@unchecked`: timers and jobs of a simulator run only within `Simulator.run`, on the thread that called it, and that
/// is the thread that owns the run. Nothing ever touches the value from two threads.
struct Confined<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
