import Contracts
import NIOSSL
import World

/// Reads the server's certificate chain and key.
enum ServerCertificate {
    /// The longest PEM file that is read.
    private static let maximumBytes = 1 << 20

    /// TLS 1.2 or newer with the files' certificate; throws ``ListenerFailures/certificate``.
    static func configuration(_ files: ListenerSettings.TLS, _ disk: any Disk) throws(Failure) -> TLSConfiguration {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(try read(files.certificateChain, disk))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw failure(files.certificateChain, "holds no PEM certificate", error)
        }
        guard !chain.isEmpty else {
            throw Failure(ListenerFailures.certificate, "\(files.certificateChain) holds no PEM certificate")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: try read(files.privateKey, disk), format: .pem)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw failure(files.privateKey, "holds no PEM private key that can be read without a passphrase", error)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            // Made only to see that certificate and key belong together.
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw failure(files.privateKey, "is not the key of \(files.certificateChain)", error)
        }
        return configuration
    }

    private static func read(_ path: String, _ disk: any Disk) throws(Failure) -> [UInt8] {
        do {
            return try disk.read(path, from: 0, upTo: maximumBytes)
        } catch {
            throw Failure(ListenerFailures.certificate, error.description)
        }
    }

    private static func failure(_ path: String, _ what: String, _ error: any Error) -> Failure {
        Failure(ListenerFailures.certificate, "\(path) \(what)", detail: String("\(error)".prefix(400)))
    }
}
