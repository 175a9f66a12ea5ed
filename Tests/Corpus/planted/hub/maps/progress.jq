{order: .subject, quantity: .data.quantity, time: .time}
