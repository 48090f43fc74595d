/** The header names that a `Connection` header nominates for this hop only, in lower case. */
export const connectionOptions = (connection: string | undefined): ReadonlySet<string> =>
  new Set(connection?.split(',').map((option) => option.trim().toLowerCase()));
