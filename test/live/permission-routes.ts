import type { LiveWorld } from '../world/live-world.ts';

/** Customers at Stripe that a request may name, each with a row in Directus. */
export type Named = {
  readonly own: string;
  readonly another: string;
  /** Made for one test, to be deleted. */
  readonly ownSpare: string;
  readonly anotherSpare: string;
};

export type Call = {
  readonly path: string;
  readonly method?: 'POST' | 'DELETE';
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: Readonly<Record<string, string>>;
};

export type Route = {
  readonly what: string;
  readonly collection: 'customers' | 'messages';
  readonly action: 'create' | 'read' | 'delete';
  readonly call: (world: LiveWorld, named: Named) => Call;
  /** What an item rule can be weighed by: every item of the answer, or the one customer; without it, nothing. */
  readonly row?: 'each item' | keyof Named;
  /** Parameters that speak of a field. */
  readonly sends?: readonly string[];
  /** Where the answer holds its items; without it, the answer is a single object, or the bare list. */
  readonly items?: 'data' | 'messages';
};

const messages = ({ twilio }: LiveWorld) => `/twilio/2010-04-01/Accounts/${twilio.accountSid}/Messages.json`;
const to = '+15005550006';

export const routes: Route[] = [
  ...(['customers', 'payments'] as const).map(
    (what): Route => ({
      what: `reads all ${what}`,
      collection: 'customers',
      action: 'read',
      row: 'each item',
      call: () => ({ path: `/stripe/${what}` }),
    }),
  ),
  ...(['own', 'another'] as const).flatMap((row): Route[] => [
    {
      what: `reads the payments of ${row} customer`,
      collection: 'customers',
      action: 'read',
      row,
      call: (_world, named) => ({ path: `/stripe/payments/${named[row]}` }),
    },
    {
      what: `reads ${row} customer at the API itself`,
      collection: 'customers',
      action: 'read',
      row,
      call: (_world, named) => ({ path: `/stripe/v1/customers/${named[row]}` }),
    },
    {
      what: `reads a page of payments of ${row} customer at the API itself`,
      collection: 'customers',
      action: 'read',
      row,
      sends: ['customer'],
      items: 'data',
      call: (_world, named) => ({ path: `/stripe/v1/payment_intents?limit=2&customer=${named[row]}` }),
    },
  ]),
  ...(['ownSpare', 'anotherSpare'] as const).map(
    (row): Route => ({
      what: `deletes a customer of ${row === 'ownSpare' ? 'own' : 'another'} row`,
      collection: 'customers',
      action: 'delete',
      row,
      call: (_world, named) => ({ method: 'DELETE', path: `/stripe/v1/customers/${named[row]}` }),
    }),
  ),
  {
    what: 'reads a page of customers at the API itself',
    collection: 'customers',
    action: 'read',
    items: 'data',
    call: () => ({ path: '/stripe/v1/customers?limit=3' }),
  },
  ...[{ email: 'a@example.com' }, { email: 'ä+b@example.com', name: 'Grace Hopper' }].flatMap((parameters): Route[] => [
    {
      what: `creates a customer with ${Object.keys(parameters).join(' and ')}`,
      collection: 'customers',
      action: 'create',
      sends: Object.keys(parameters),
      call: () => ({ method: 'POST', path: '/stripe/customers', json: parameters }),
    },
    {
      what: `creates a customer with ${Object.keys(parameters).join(' and ')} at the API itself`,
      collection: 'customers',
      action: 'create',
      sends: Object.keys(parameters),
      call: () => ({ method: 'POST', path: '/stripe/v1/customers', form: parameters }),
    },
  ]),
  {
    what: 'reads the messages',
    collection: 'messages',
    action: 'read',
    items: 'messages',
    call: (world) => ({ path: messages(world) }),
  },
  ...[{ To: to }, { To: to, Body: 'Grüße & more' }, { To: to, Body: 'x', From: '+15551234567' }].flatMap(
    (parameters): Route[] => [
      {
        what: `sends a message with ${Object.keys(parameters).join(', ')} as a form`,
        collection: 'messages',
        action: 'create',
        sends: Object.keys(parameters),
        call: (world) => ({ method: 'POST', path: messages(world), form: parameters }),
      },
      {
        what: `sends a message with ${Object.keys(parameters).join(', ')} as JSON`,
        collection: 'messages',
        action: 'create',
        sends: Object.keys(parameters),
        call: (world) => ({ method: 'POST', path: messages(world), json: parameters }),
      },
    ],
  ),
];
