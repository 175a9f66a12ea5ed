import Foundation
import Testing

@testable import Console

@Suite("the overview's colours")
struct PageStyleTests {
    /// The custom properties of the light scheme (0) or the dark one (1).
    private func colours(_ scheme: Int) -> [String: [Double]] {
        let block = PageStyle.text.components(separatedBy: ":root{")[scheme + 1].prefix { $0 != "}" }
        var table: [String: [Double]] = [:]
        for declaration in block.split(separator: ";") {
            let parts = declaration.split(separator: ":").map { $0.filter { !$0.isWhitespace } }
            guard parts.count == 2, parts[0].hasPrefix("--"), parts[1].hasPrefix("#") else { continue }
            var digits = parts[1].dropFirst()
            if digits.count == 3 { digits = Substring(digits.flatMap { [$0, $0] }) }
            let value = Int(digits.prefix(6), radix: 16)!
            table[String(parts[0].dropFirst(2))] = [value >> 16, value >> 8 & 255, value & 255].map { Double($0) / 255 }
        }
        return table
    }

    /// Relative luminance and contrast ratio (WCAG 2.2, "relative luminance" and "contrast ratio").
    private func contrast(_ a: [Double], _ b: [Double]) -> Double {
        func luminance(_ colour: [Double]) -> Double {
            let linear = colour.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        }
        let (light, dark) = (max(luminance(a), luminance(b)), min(luminance(a), luminance(b)))
        return (light + 0.05) / (dark + 0.05)
    }

    @Test("text has at least the contrast of WCAG level AA on each of its backgrounds", arguments: [0, 1])
    func contrast(scheme: Int) throws {
        let colours = colours(scheme)
        let pairs = [
            ("ink", "page"), ("ink", "card"), ("soft", "page"), ("soft", "card"), ("accent", "page"),
            ("accent", "card"),
            ("head-ink", "head"), ("head-soft", "head"), ("good", "good-fill"), ("notice", "notice-fill"),
            ("trouble", "trouble-fill"), ("ink", "good-fill"), ("ink", "notice-fill"), ("ink", "trouble-fill"),
            ("accent", "notice-fill"), ("accent", "trouble-fill"), ("notice", "trouble-fill"), ("notice", "card"),
            ("trouble", "card"), ("accent-ink", "accent"), ("head", "head-ink"),
        ]
        for (text, background) in pairs {
            let ratio = contrast(try #require(colours[text]), try #require(colours[background]))
            #expect(ratio >= 4.5, "\(text) on \(background): \(ratio)")
        }
    }
}

@Suite("the overview's numbers")
struct PageFormatTests {
    @Test(
        "spans have their two largest parts",
        arguments: [
            (.milliseconds(-5), "0 ms"), (.milliseconds(999), "999 ms"), (.milliseconds(2_940), "2.9 s"),
            (.seconds(59), "59 s"),
            (.seconds(60), "1 min"), (.seconds(845), "14 min 5 s"), (.seconds(3_600 * 5 + 59), "5 h"),
            (.seconds(86_400 * 3 + 7_200), "3 d 2 h"),
        ] as [(Duration, String)])
    func span(duration: Duration, expected: String) { #expect(PageFormat.span(duration) == expected) }

    @Test(
        "rates have one decimal below a hundred",
        arguments: [
            (0, "0"), (-1, "0"), (.nan, "0"), (.infinity, "0"), (0.01, "<0.1"), (4.0, "4"), (37.44, "37.4"),
            (99.96, "100"),
            (12_345.6, "12\u{202F}346"),
        ] as [(Double, String)])
    func rate(value: Double, expected: String) { #expect(PageFormat.rate(value) == expected) }

    @Test(
        "bytes have a unit that a person can read",
        arguments: [
            (0, "0 B"), (-3, "0 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (41_000_000, "39.1 MiB"),
            (20 << 30, "20 GiB"),
        ])
    func bytes(value: Int, expected: String) { #expect(PageFormat.bytes(value) == expected) }
}
