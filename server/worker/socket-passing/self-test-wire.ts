/** What the self-test's child sends to a client that does not read: more than two sockets' buffers hold. */
export const UNREAD_MARK = { bytes: 65_536, mostMessages: 240 } as const;
