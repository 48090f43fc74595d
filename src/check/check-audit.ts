import { auditFields } from '../audit/audit-item.ts';
import { fieldsOf, isListed } from '../authorize/fields.ts';
import { type Call, CallError } from '../directus/call.ts';
import type { Directus } from '../directus/directus.ts';
import { servicePolicyName } from '../init/policies.ts';
import { readCollections, readRights } from '../init/read-existing.ts';
import { type Check, checksOf, orFault } from './check.ts';

export type AuditParts = {
  /** AUDIT_COLLECTION */
  readonly collection: string;
  readonly directus: Pick<Directus, 'readPermissions'>;
  /** DIRECTUS_TOKEN */
  readonly serviceToken: string;
  /** Of whoever looks: an administrator sees whether everything is there. */
  readonly call: Call;
};

const { ok, warn, fault } = checksOf('audit');

/** Whether items about writes can be written: the right to, and the fields. Nothing is written. */
export const checkAudit = async (parts: AuditParts): Promise<Check[]> => [
  await orFault('audit', 'permission', () => checkRight(parts)),
  await checkFields(parts),
];

async function checkRight({ collection, directus, serviceToken }: AuditParts): Promise<Check> {
  const permission = (await directus.readPermissions({ token: serviceToken })).get(collection)?.create;
  const advice = `In Directus, give the policy "${servicePolicyName}" Create on ${collection}, All Access: directus-gateway init does.`;
  if (permission === undefined || permission.access === 'none') {
    return fault('permission', `the user of DIRECTUS_TOKEN may not create items of ${collection}`, advice);
  }
  const fields = fieldsOf(permission.fields);
  const refused = names.filter((name) => !isListed(fields, [name]));
  if (refused.length === 0) return ok('permission', `the user of DIRECTUS_TOKEN creates items of ${collection}`);
  return fault('permission', `the user of DIRECTUS_TOKEN may not write ${refused.join(', ')} of ${collection}`, advice);
}

async function checkFields({ collection, call }: AuditParts): Promise<Check> {
  try {
    const { isAdministrator } = await readRights(call);
    if (!isAdministrator) return warn(collection, 'its fields are not told to this token', seeAll);
    const there = (await readCollections(call)).get(collection);
    if (there === undefined) return fault(collection, 'is not in Directus', create);
    if (there.isFolder) return fault(collection, 'is a folder, which holds no items', 'Use another name.');
    const missing = names.filter((name) => !there.fields.includes(name));
    if (missing.length > 0) return fault(collection, `has no field ${missing.join(', ')}`, create);
    const { keyType = 'uuid' } = there; // an older Directus may not tell it
    if (keyType !== 'uuid' && keyType !== 'string') {
      return fault(collection, `has a key of the type ${keyType}, and items bear a UUID`, 'Name another collection.');
    }
    return ok(collection, `is there, with ${names.length} fields`);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return warn(collection, `not told: ${error.message}`, seeAll);
  }
}

const names = ['id', ...auditFields.map(({ name }) => name)];
const create = 'Create it: directus-gateway init.';
const seeAll = 'Only an administrator sees every field: give --token, or DIRECTUS_ADMIN_TOKEN.';
