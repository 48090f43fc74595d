/** First segments of the gateway's own routes. No upstream has such a name. */
export const ownRoutes: ReadonlySet<string> = new Set(['server', 'gateway', 'metrics']);

/** Under which the metrics count Directus itself. */
export const nameOfDirectus = 'directus';
