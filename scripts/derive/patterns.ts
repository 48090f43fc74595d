/** `/v1/customers/{customer}` → `/v1/customers/:id`. */
export const stripePattern = (path: string): string => path.replaceAll(/\{[^}]*\}/g, ':id');

/** As Twilio's paths are asked for: below their host, except those of the API that is the upstream itself. */
export function twilioPath(path: string, server: string): string {
  const named = path.replace('{AccountSid}', ':account').replaceAll(/\{[^}]*\}(\.json$)?/g, ':id');
  const { hostname } = new URL(server);
  return hostname === 'api.twilio.com' ? named : `/${hostname}${named}`;
}

/** The same as a pattern: every name of a resource also with an extension, as some of Twilio's hosts take it. */
export const twilioPattern = (path: string): string =>
  path
    .split('/')
    .map((segment) => (plainSegment.test(segment) ? segment : `${segment.replace(/\.json$/, '')}.*`))
    .join('/');

/** Nothing, a `:name`, a host or a version. */
const plainSegment = /^$|^:|^[a-z-]+\.twilio\.com$|^v\d$|^2010-04-01$/;
