{order: .subject, quantity: .data.quantity, reason: lookup("reasons"; .data.reason),
 time: .time}
