import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate authority for one day and one machine: made for a demo, forgotten with it.
struct CertificateAuthority {
    private let key = P256.Signing.PrivateKey()
    private let certificate: Certificate

    init(now: Date) throws {
        let name = try DistinguishedName { CommonName("Millwright demo authority") }
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: now.addingTimeInterval(-3_600), notValidAfter: now.addingTimeInterval(86_400), issuer: name,
            subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            }, issuerPrivateKey: .init(key))
    }

    /// The authority's own certificate, for those who shall trust it.
    var pem: String {
        get throws { try certificate.serializeAsPEM().pemString }
    }

    /// A certificate for a server on this machine, with its private key.
    func issueLoopbackServer(now: Date) throws -> (certificate: String, key: String) {
        let serverKey = P256.Signing.PrivateKey()
        let issued = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(serverKey.publicKey),
            notValidBefore: now.addingTimeInterval(-3_600), notValidAfter: now.addingTimeInterval(86_400),
            issuer: certificate.subject, subject: try DistinguishedName { CommonName("localhost") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([
                    .dnsName("localhost"), .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                ])
            }, issuerPrivateKey: .init(key))
        return (try issued.serializeAsPEM().pemString, serverKey.pemRepresentation)
    }
}
