import type { Secret } from '../config/secret.ts';
import type { Upstream } from './upstream.ts';

export type TwilioSettings = {
  readonly origin: string;
  readonly accountSid: string;
  /** User name of Basic authentication: the account's SID or an API key's. */
  readonly user: string;
  readonly password: Secret;
  /** The Directus collection whose permissions govern every call. */
  readonly collection: string;
  /** `From` of a message or call whose caller names no sender. */
  readonly phoneNumber?: string;
};

/**
 * Twilio's 2010 API of one account. Answers that carry secrets are refused: the account itself holds `auth_token`,
 * keys, signing keys and tokens are returned in clear when created (twilio.com/docs/iam).
 */
export function twilio(settings: TwilioSettings): Upstream {
  const { origin, collection, phoneNumber } = settings;
  const account = `/2010-04-01/Accounts/${settings.accountSid}`;
  const from = (...unless: string[]) =>
    phoneNumber === undefined
      ? {}
      : { defaults: [{ parameter: 'From', value: phoneNumber, unless: ['From', ...unless] }] };
  return {
    name: 'twilio',
    origin,
    credential: { kind: 'basic', user: settings.user, password: settings.password },
    bodyForm: 'form-flat',
    errorForm: 'sdk',
    requestHeaders: [],
    idempotencyHeader: 'i-twilio-idempotency-token',
    pageParameters: ['Page', 'PageSize', 'PageToken'],
    list: {
      marks: [{ member: 'page_size' }, { member: 'meta' }],
      items: '*',
      envelope: [...pageMembers, 'meta'],
    },
    errorMembers: ['code', 'message', 'more_info', 'status'],
    firstByteTimeoutMs: 30_000, // the official client's own default
    rules: [
      { path: `${account}/.*`, deny: 'secret:Account' }, // the account itself under an empty name
      ...secretResources.flatMap((resource) => [
        { path: `${account}/${resource}.*`, deny: `secret:${resource}` },
        { path: `${account}/${resource}.*/*`, deny: `secret:${resource}` },
      ]),
      { methods: ['POST'], path: `${account}/Messages.*`, collection, ...from('MessagingServiceSid') },
      { methods: ['POST'], path: `${account}/Calls.*`, collection, ...from() },
      { path: `${account}/*`, collection },
    ],
  };
}

/** What the 2010 API says of a page beside its items. */
const pageMembers = [
  'page',
  'page_size',
  'start',
  'end',
  'uri',
  'first_page_uri',
  'next_page_uri',
  'previous_page_uri',
] as const;

const secretResources = ['Keys', 'SigningKeys', 'Tokens', 'Accounts', 'ConnectApps', 'AuthorizedConnectApps'] as const;
