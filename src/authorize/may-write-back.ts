import type { Accountability } from '../directus/accountability.ts';
import type { Grant } from './authorize.ts';
import { fieldsOf, isListed } from './fields.ts';

/** Whether a caller may write the rule's `writeBack` to some row at least: of each row Directus is asked. */
export function mayWriteBack(
  { permissions }: Pick<Accountability, 'permissions'>,
  { collection, rule: { writeBack } }: Grant,
): boolean {
  const update = permissions.get(collection)?.update;
  return (
    writeBack !== undefined &&
    update !== undefined &&
    update.access !== 'none' &&
    isListed(fieldsOf(update.fields), [writeBack])
  );
}
