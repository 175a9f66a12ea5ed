package import World

extension BearerToken {
    /// The secret that the setting `name` points to. Throws where it is too short.
    package init(_ text: String, of name: String, in settings: Settings) throws(SettingFault) {
        guard let token = BearerToken(text) else {
            throw SettingFault(
                location: settings.locations[name] ?? settings.location,
                reason: "the token has fewer than \(Self.minimumLength) characters",
                suggestion: "make one with: openssl rand -hex 32")
        }
        self = token
    }
}
