import { type Call, CallError } from '../directus/call.ts';
import { readCollections, readRights } from '../init/read-existing.ts';
import { shortList } from '../init/short-list.ts';
import type { WantedCollection } from '../init/wanted.ts';
import { type Check, checksOf } from './check.ts';

const { ok, warn, fault, off } = checksOf('collections');

/** Whether the collections that the rules name are in Directus, with the fields by which rows are found. */
export async function checkCollections(wanted: readonly WantedCollection[], call: Call): Promise<Check[]> {
  let isAdministrator: boolean;
  let there: Awaited<ReturnType<typeof readCollections>>;
  try {
    ({ isAdministrator } = await readRights(call));
    there = await readCollections(call);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const names = wanted.filter(({ optional }) => !optional).map(({ name }) => name);
    const why = error.code === 'FORBIDDEN' ? 'this token may not see the collections' : error.message;
    return [warn('collections', `not told of ${names.join(', ')}: ${why}`, seeAll)];
  }
  const absent = isAdministrator ? fault : warn;
  const notSeen = isAdministrator ? 'is not in Directus' : 'is not seen with this token';
  const advice = isAdministrator ? 'Create it: directus-gateway init.' : seeAll;
  const checks = wanted.flatMap(({ name, optional, rowFields }): Check[] => {
    const found = there.get(name);
    if (found === undefined) return optional ? [] : [absent(name, notSeen, advice)];
    if (found.isFolder) return [fault(name, 'is a folder, which carries no permissions', 'Use another name.')];
    const missing = rowFields.filter((field) => !found.fields.includes(field));
    if (missing.length > 0) return [absent(name, `its field ${missing.join(', ')} ${notSeen}`, advice)];
    return [ok(name, rowFields.length === 0 ? 'is there' : `is there, with ${rowFields.join(', ')}`)];
  });
  const left = wanted.filter(({ name, optional }) => optional && !there.has(name)).map(({ name }) => name);
  if (left.length === 0) return checks;
  return [...checks, off('optional', `not there: ${shortList(left)}`, seeOptional)];
}

const seeOptional = 'Where they are needed: directus-gateway init --dry-run lists them, --with <name,…> creates them.';
const seeAll = 'Only an administrator sees every collection: give --token, or DIRECTUS_ADMIN_TOKEN.';
