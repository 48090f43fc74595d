import { z } from 'zod';
import type { Caller } from '../authenticate/authenticate.ts';
import type { Grant } from '../authorize/authorize.ts';
import { mayWriteBack } from '../authorize/may-write-back.ts';
import type { Directus } from '../directus/directus.ts';
import { forbidden, GatewayError, invalidPayload } from '../errors/gateway-error.ts';

/** Writes the new customer's id. @param shown what the caller may see of the customer */
export type WriteBack = (customer: unknown, shown: unknown) => Promise<void>;

/**
 * Makes sure, before anything is created, that the caller may write the customer's id to the item; gives back the
 * writing. When that fails all the same, the error bears the customer, so that it is not lost.
 * @throws GatewayError INVALID_PAYLOAD, FORBIDDEN; from the writing WRITE_BACK_FAILED
 */
export async function prepareWriteBack(
  directus: Directus,
  { asker, accountability }: Caller,
  grant: Grant,
  item: string,
): Promise<WriteBack> {
  const { collection, rule } = grant;
  const { writeBack: field } = rule;
  if (field === undefined) throw invalidPayload('"item" is not taken here: STRIPE_CUSTOMER_ID_FIELD is not set');
  if (!mayWriteBack(accountability, grant)) throw forbidden(`no_permission:${collection}.update`);
  if (!(await directus.mayChangeItem(asker, collection, item, 'update'))) throw forbidden('row_not_changeable');

  return async (customer, shown) => {
    const { id } = created.parse(customer);
    try {
      await directus.updateItem(asker, collection, item, { [field]: id });
    } catch (error) {
      const reason = error instanceof GatewayError ? error.code : 'INTERNAL_SERVER_ERROR';
      throw new GatewayError('WRITE_BACK_FAILED', {
        extensions: { collection, item, field, reason, customer: shown },
        cause: error,
      });
    }
  };
}

const created = z.object({ id: z.string() });
