/// Names bytes: the same bytes get the same name, so that a fault that is sent again is not reported twice.
///
/// FNV-1a with 128 bits (draft-eastlake-fnv, section 2): not meant against somebody who looks for collisions, who
/// could only hide a fault of his own behind another one of his own.
package enum Fingerprint {
    /// 32 hexadecimal digits.
    package static func text(of bytes: [UInt8]) -> String {
        let prime: UInt128 = (1 << 88) + 0x13B
        var hash: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
        for byte in bytes {
            hash ^= UInt128(byte)
            hash = hash &* prime
        }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 32 - text.utf8.count) + text
    }
}
