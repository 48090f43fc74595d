/** Whether an upstream speaks of the gateway's credential by this status: it never learns of the caller's. */
export const isAboutCredential = (status: number | undefined): boolean => status !== undefined && statuses.has(status);

const statuses: ReadonlySet<number> = new Set([401, 403, 407]);
