/// A source or target that can tell beforehand what will stop it: a key that ends, a certificate that runs out.
package protocol Forewarning: Sendable {
    /// What is to be done in time; empty where all is well. Throws where it cannot be told now.
    func warnings() async throws(Failure) -> [Failure]
}
