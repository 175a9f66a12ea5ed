import World
import WorldLive

extension World {
    /// The real world of all tests here: each one made costs a thread for good.
    static let shared = World.live()
}
