/// Messages: the history that records have.
enum OdooMessageModels {
    static var messages: OdooModelDeclaration {
        OdooModelDeclaration(
            "mail.message", "Message",
            [
                .char("subject", "Subject"), .html("body", "Contents"),
                .datetime("date", "Date").orElse { .instant($0.now) },
                .char("model", "Related Document Model"), .integer("res_id", "Related Document ID").indexed,
                .selection(
                    "message_type", "Type",
                    [
                        ("email", "Email"), ("comment", "Comment"), ("notification", "System notification"),
                        ("user_notification", "User Specific Notification"),
                    ]
                ).required.or("email"),
                .many2one("author_id", "Author", "res.partner").orElse { env in
                    env.value("res.users", env.uid, "partner_id")
                },
                .many2one("mail_activity_type_id", "Mail Activity Type", "mail.activity.type"),
            ]
        ).with {
            $0.order = "id desc"
            $0.recordName = "subject"
        }
    }
}

extension OdooEnvironment {
    /// Writes into the history of a record and returns the message.
    mutating func post(on model: String, _ id: Int, _ body: String, _ values: OdooValues = [:]) -> Int {
        var values = values
        values["model"] = .text(model)
        values["res_id"] = .integer(id)
        values["body"] = .text(body)
        values["message_type"] = "notification"
        return insert("mail.message", values)
    }

    /// Text as it stands in HTML.
    static func html(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\n", with: "<br>")
    }
}
