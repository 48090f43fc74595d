/** What is known of an API beforehand, so that its parameters can be ticked in Directus. */
export type Parameters = {
  /** Name of an icon as Directus has them (Material Symbols). */
  readonly icon: string;
  /** By the segment of the path that names the resource, without an extension. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
};

/**
 * The parameters of the APIs that come with the gateway, by the name of the upstream: those that a permission is likely
 * to be limited to. Any other one can be added to the collection as a field.
 */
export const knownParameters: ReadonlyMap<string, Parameters> = new Map([
  [
    'stripe',
    {
      icon: 'payments',
      resources: resources({
        customers: 'email name description phone address shipping metadata balance currency created',
        payment_intents:
          'amount currency customer description metadata payment_method receipt_email setup_future_usage status created',
        products: 'name active description images metadata default_price created',
        prices: 'currency unit_amount product recurring active nickname metadata created',
        subscriptions: 'customer items status current_period_end cancel_at_period_end metadata created',
        invoices: 'customer subscription amount_due amount_paid currency status due_date metadata created',
        refunds: 'amount charge payment_intent reason status metadata created',
        charges: 'amount currency customer description receipt_email status metadata created',
      }),
    },
  ],
  [
    'twilio',
    {
      icon: 'sms',
      resources: resources({
        Messages: 'To From Body MediaUrl MessagingServiceSid StatusCallback SendAt ScheduleType ValidityPeriod',
        Calls: 'To From Url Twiml Method StatusCallback Timeout Record SendDigits MachineDetection',
        Verifications: 'To Channel Locale CustomMessage',
        VerificationCheck: 'To Code',
      }),
    },
  ],
]);

/** The icon of an API that the gateway knows nothing of. */
export const plainIcon = 'vpn_lock';

/** The parameters of the resources that a rule's path leads to; none where it is not known. */
export function parametersOf(upstream: string, path: string): readonly string[] {
  const known = knownParameters.get(upstream)?.resources;
  const names = path.split('/').map((segment) => segment.replace(/\.\*$/, ''));
  return names.flatMap((name) => known?.get(name) ?? []);
}

function resources(table: Readonly<Record<string, string>>): Parameters['resources'] {
  return new Map(Object.entries(table).map(([name, words]) => [name, words.split(' ')]));
}
