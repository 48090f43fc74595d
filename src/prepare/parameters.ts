import { isJsonObject, type JsonObject } from '../directus/json.ts';
import { invalidPayload } from '../errors/gateway-error.ts';

/** What query and body name, where something depends on it. */
export type Named = { readonly query: readonly Parameter[]; readonly body: readonly Parameter[] };

/** One parameter of a form or query: `address[city]=Ulm` has the path `address`, `city`. */
export type Parameter = { readonly name: string; readonly path: readonly string[]; readonly value: string };

/**
 * The parameters of a form or query, if every reader understands them alike; used where a caller may send some
 * parameters and not others. What a plain parser, Rack or PHP might read as another parameter is refused: odd brackets,
 * `;` as a separator, malformed encoding, one name twice, and a name that is a value here and a list or object there.
 * @param repeatable whether one name several times is a list (Twilio) rather than a conflict
 * @throws GatewayError INVALID_PAYLOAD
 */
export function unambiguousParameters(text: string, repeatable: boolean): Parameter[] {
  const parameters = text
    .split('&')
    .filter((pair) => pair !== '')
    .map(parameterOf);
  requireOneMeaning(parameters, repeatable);
  return parameters;
}

/** The leaves of a JSON object as parameters. */
export function jsonParameters(object: JsonObject, above: readonly string[] = []): Parameter[] {
  return Object.entries(object).flatMap(([name, value]) => {
    if (name.includes('.')) throw invalidPayload(`The parameter "${name}" has a dot in its name, which can be misread`);
    const path = [...above, name];
    if (isJsonObject(value) && Object.keys(value).length > 0) return jsonParameters(value, path);
    if (Array.isArray(value) && value.length > 0) return jsonParameters(Object.fromEntries(value.entries()), path);
    return [{ name: path.join('.'), path, value: typeof value === 'string' ? value : JSON.stringify(value) }];
  });
}

/** @throws GatewayError INVALID_PAYLOAD when one name stands for two things */
export function requireOneMeaning(parameters: readonly Parameter[], repeatable: boolean): void {
  const kinds = new Map<string, string>();
  for (const { name, path } of parameters) {
    for (const [depth] of path.entries()) {
      const stem = path.slice(0, depth + 1).join('\u0000');
      const kind = kindOf(path, depth, repeatable);
      const before = kinds.get(stem);
      if (before !== undefined && (before !== kind || kind === 'value')) {
        throw invalidPayload(`The parameter "${name}" is given in two ways`);
      }
      kinds.set(stem, kind);
    }
  }
}

/**
 * A parameter's name: a plain word, then any number of bracketed ones, of which only the last may be empty. No dots:
 * PHP makes underscores of them, and a field list means nesting by them. Twilio filters by `DateSent>` and `DateSent<`.
 */
const nameForm = /^([\w:-]+[<>]?)((?:\[[\w:-]+\])*(?:\[\])?)$/;

/** As deep as JSON may be. Each level is looked at with all above it, which costs the square of the depth. */
const maxDepth = 20;

function parameterOf(pair: string): Parameter {
  const [encodedName = '', ...rest] = pair.split('=');
  const [name, value] = [decode(encodedName), decode(rest.join('='))];
  const [, top, brackets] = nameForm.exec(name) ?? [];
  if (top === undefined || brackets === undefined) throw invalidPayload('A parameter has a name that can be misread');
  const inner = brackets === '' ? [] : brackets.slice(1, -1).split('][');
  if (inner.length > maxDepth) throw invalidPayload(`A parameter is nested more than ${maxDepth} levels deep`);
  return { name, path: [top, ...inner], value };
}

function decode(text: string): string {
  if (text.includes(';')) throw invalidPayload('A parameter holds a bare ";", which can be misread; encode it');
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw invalidPayload('A parameter is not encoded as UTF-8', error);
  }
}

/** What a name is at one depth: the end of the path, or a list or an object around more of it. */
function kindOf(path: readonly string[], depth: number, repeatable: boolean): string {
  const next = path[depth + 1];
  if (next === undefined) return repeatable || path[depth] === '' ? 'values' : 'value';
  if (next === '') return 'list';
  return /^\d+$/.test(next) ? 'indexed' : 'object';
}
