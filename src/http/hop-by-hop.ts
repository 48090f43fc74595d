/** The headers of one connection, in lower case, which nobody passes on (RFC 9110, section 7.6.1). */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The header names that a `Connection` header nominates for this hop only, in lower case. */
export const connectionOptions = (connection: string | undefined): ReadonlySet<string> =>
  connection === undefined || aboutConnection.has(connection)
    ? none
    : new Set(connection.split(',').map((option) => option.trim().toLowerCase()));

/** What nearly every `Connection` header says, which names no header to leave out that is not left out anyway. */
const aboutConnection: ReadonlySet<string> = new Set(['keep-alive', 'Keep-Alive', 'close']);
const none: ReadonlySet<string> = new Set();
