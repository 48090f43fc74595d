/** The code of a system error, such as ENOENT. Not by `instanceof Error`, which fails across the realms of a test runner. */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
