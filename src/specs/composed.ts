import type { Grant } from '../authorize/authorize.ts';
import { isListed } from '../authorize/fields.ts';
import { mayWriteBack } from '../authorize/may-write-back.ts';
import type { Accountability } from '../directus/accountability.ts';
import type { JsonObject } from '../directus/json.ts';
import type { OperationName } from '../upstreams/upstream.ts';
import type { Schema } from './open-api.ts';

/** The answers that the gateway composes itself, of which it knows the form. */
export function answerOf(operation: OperationName): JsonObject {
  switch (operation) {
    case 'list-payments':
    case 'list-customer-payments':
      return listOf('Every payment intent, of all pages.');
    case 'list-customers':
      return listOf('Every customer, of all pages.');
    case 'create-customer':
      return answer('The customer that was created.', { type: 'object' });
  }
}

const listOf = (description: string): JsonObject => answer(description, { type: 'array', items: { type: 'object' } });

const answer = (description: string, schema: Schema): JsonObject => ({
  description,
  content: { 'application/json': { schema } },
});

/** Whether it could come to anything: a customer is not created without an email. */
export const isPossible = ({ rule, fields }: Grant): boolean =>
  rule.operation !== 'create-customer' || isListed(fields, ['email']);

/** The body of `create-customer`, which takes less than the API's own path. */
export function newCustomerSchema(grant: Grant, caller: Accountability): Schema {
  const { fields, presets } = grant;
  const { name: preset } = presets;
  const name = { type: 'string', ...(preset !== undefined && { default: preset }) };
  const item = { type: ['string', 'integer'], description: "Key of the row that receives the customer's id." };
  return {
    type: 'object',
    properties: {
      email: { type: 'string', minLength: 1 },
      ...(isListed(fields, ['name']) && { name }),
      ...(mayWriteBack(caller, grant) && { item }),
    },
    required: ['email'],
    additionalProperties: false,
  };
}
