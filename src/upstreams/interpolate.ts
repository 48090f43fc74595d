/** The value of a variable; undefined where it is unset. An empty one counts as unset. */
export type Resolve = (name: string) => string | undefined;

/** A text that cannot be filled in. The message names variables, never their values. */
export class InterpolationError extends Error {}

/**
 * Fills in variables as compose files do: `${NAME}`, `${NAME:-instead}`, where `instead` may hold further ones, and `$$`
 * for a dollar sign.
 * @throws InterpolationError when a variable without a substitute is unset, or the notation is broken
 */
export function interpolate(text: string, resolve: Resolve): string {
  const dollar = text.indexOf('$');
  if (dollar === -1) return text;
  const before = text.slice(0, dollar);
  if (text[dollar + 1] === '$') return `${before}$${interpolate(text.slice(dollar + 2), resolve)}`;
  const end = closingBrace(text, dollar);
  const [, name, instead] = (end === -1 ? null : reference.exec(text.slice(dollar, end + 1))) ?? [];
  if (name === undefined) throw new InterpolationError('holds a "$" that begins no ${NAME}; write "$$" for the sign');
  const value = resolve(name) ?? (instead === undefined ? undefined : interpolate(instead, resolve));
  if (value === undefined) throw new InterpolationError(`needs ${name}, which is not set`);
  return before + value + interpolate(text.slice(end + 1), resolve);
}

/** Whether a text is made of nothing but variables. */
export const isVariable = (text: string): boolean =>
  /^\$\{/.test(text) && text.replaceAll(/\$\{[A-Za-z_]\w*(?::-)?|\}/g, '') === '';

const reference = /^\$\{([A-Za-z_]\w*)(?::-(.*))?\}$/s;

function closingBrace(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1;
    if (text[at] === '}') depth -= 1;
    if (text[at] === '}' && depth === 0) return at;
  }
  return -1;
}
