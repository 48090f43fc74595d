import type { ErrorCode } from './codes.ts';
import type { GatewayError } from './gateway-error.ts';

/** What to change so that a refused request would be let through. For people: the text may change. */
export function adviceOn({ code, logReason = '' }: GatewayError): string {
  const [reason = '', subject = ''] = logReason.split(':');
  return byReason.get(reason)?.(subject) ?? byCode.get(code) ?? 'See docs/errors.md.';
}

/** `customers.read` → `"read" on "customers"`. */
const permission = (subject: string): string => {
  const dot = subject.lastIndexOf('.');
  return `"${subject.slice(dot + 1)}" on "${subject.slice(0, dot)}"`;
};

const byReason: ReadonlyMap<string, (subject: string) => string> = new Map<string, (subject: string) => string>([
  [
    'no_permission',
    (subject) =>
      `In Directus, give one of the user's policies ${permission(subject)}. If there is no such collection: "directus-gateway init --with ${subject.slice(0, subject.lastIndexOf('.'))}" creates it.`,
  ],
  [
    'partial_access',
    (subject) =>
      `The permission ${permission(subject)} has an item rule, and nothing ties this route to an item. Allow all items, or tie the route to one: STRIPE_CUSTOMER_ID_FIELD for Stripe's routes, "row" in a rule of gateway.yaml.`,
  ],
  [
    'no_row_named',
    () =>
      'The permission has an item rule: name the row that it is about, for Stripe the customer, in the path or as the parameter "customer".',
  ],
  ['odd_row_value', () => 'What names the row must be a plain id of letters, digits, "-" and "_".'],
  [
    'row_not_readable',
    () =>
      "In Directus, the user's item rule must let them read the row that holds this id, and the field that holds it.",
  ],
  ['row_not_changeable', () => "In Directus, the user's item rule must let them change the row that holds this id."],
  [
    'unlisted_field',
    () => 'In Directus, add the fields that the message names to those of the permission, or leave them out.',
  ],
  [
    'no_token',
    () => "Send the user's Directus token, as Authorization: Bearer, as access_token or as the session cookie.",
  ],
  ['unfit_token', () => 'Send one token, of visible characters and without spaces.'],
  ['directus_refused', () => 'Directus does not accept this token: sign in anew, or give the user a new static token.'],
  ['account_changed', () => 'The user is suspended, gone, or has another role than the token says: sign in anew.'],
  ['nobody', () => 'The token names neither a user nor a share: sign in anew.'],
  [
    'no_address',
    () => 'The proxy in front must send the address of the caller, and IP_TRUST_PROXY must name that proxy.',
  ],
  [
    'foreign_site',
    () =>
      "Send writes from the gateway's own site, list the page's origin in CORS_ORIGIN (with CORS_ENABLED=true), or send the token as Bearer.",
  ],
  ['unasked_upgrade', () => 'The upstream wants another protocol, which the gateway does not speak.'],
  ['body_still', () => 'The caller sends no more of the body: look at their connection, or what is in front.'],
  ['reader_still', () => 'The caller takes no more of the answer: look at their connection, or what is in front.'],
  ['breaker_open', () => 'The upstream has failed several times in a row: see /server/health, and try again later.'],
  ['no_list', () => "The upstream's answer is none of Stripe's lists: see where STRIPE_API_URL leads."],
  ['cursor_stuck', () => "The upstream's list does not end: see where STRIPE_API_URL leads."],
  ['odd_key', () => 'The key of an item must be a plain one.'],
  ['no_rule', () => 'No rule of the upstream covers this method and path; no permission can allow it.'],
  [
    'secret',
    () => 'Answers of this route hold secrets: only a rule of gateway.yaml that names this very path allows it.',
  ],
  ['off', () => 'This is off until gateway.yaml declares a rule for it: see docs/gateway-yaml.md.'],
  ['forbidden_parameter', () => 'Leave out the parameters that the message names.'],
  ['too_many', () => 'Wait as long as Retry-After says, or raise the limit that the reason in the log names.'],
  ['budget_unknown', () => 'See whether the Redis that REDIS names can be reached.'],
  ['metrics_token', () => 'Send one of METRICS_TOKENS, as Authorization: Metrics <token>.'],
  ['not_admin', () => 'Use the Directus token of an administrator, or set METRICS_TOKENS.'],
  ['metrics_unknown', () => 'A worker was too busy to answer: scrape again.'],
  ['foreign_destination', () => 'Add the beginning of the number to the prefixes of the rule.'],
  ['odd_collection', () => 'The path names a collection that none of your rules can mean.'],
]);

const byCode: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['FORBIDDEN', 'A rule refuses this to everybody: one of your own in gateway.yaml, which comes before, can allow it.'],
  [
    'ROUTE_NOT_FOUND',
    'No upstream has this name, or it is switched off: see what the log says of upstreams at the start.',
  ],
  ['METHOD_NOT_ALLOWED', 'Use one of the methods that the message names.'],
  ['INVALID_PAYLOAD', 'Correct the request as the message says.'],
  ['REQUESTS_EXCEEDED', 'Wait as long as Retry-After says, or raise the limit that the reason in the log names.'],
  ['SERVICE_UNAVAILABLE', 'Directus could not be asked just now.'],
]);
