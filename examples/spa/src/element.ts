/**
 * An element of index.html.
 * @throws when it is not there, or of another kind: a slip of whoever wrote the page
 */
export function element<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} with the id ${id}.`);
}
