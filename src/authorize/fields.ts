/** The fields that a permission lists, as Directus writes them; `all` where it lists `*`. */
export type Fields = 'all' | readonly string[];

/** @param listed as in `GET /permissions/me`; absent means none */
export const fieldsOf = (listed: readonly string[] | undefined): Fields =>
  listed?.includes('*') ? 'all' : (listed ?? []);

/** Whether a parameter or member is listed: by its top name, by a dotted path to it or above it, or by `above.*`. */
export const isListed = (fields: Fields, path: readonly string[]): boolean =>
  fields === 'all' ||
  path.some((_name, depth) => {
    const above = path.slice(0, depth);
    return (
      fields.includes([...above, path[depth]].join('.')) || (depth > 0 && fields.includes([...above, '*'].join('.')))
    );
  });

/** Whether something below this path is listed by a dotted path of its own. */
export const isListedBelow = (fields: Fields, path: readonly string[]): boolean => {
  const prefix = `${path.join('.')}.`;
  return fields === 'all' || fields.some((field) => field.startsWith(prefix));
};
