import { isJsonObject, type Json, type JsonObject } from '../directus/json.ts';
import { invalidPayload } from '../errors/gateway-error.ts';
import type { BodyForm } from '../upstreams/upstream.ts';

/** The two notations that forms have for lists and objects. */
export type FormNotation = Extract<BodyForm, 'form-nested' | 'form-flat'>;

/**
 * An `application/x-www-form-urlencoded` body with the parameters of a JSON object. As in the official clients, null
 * becomes the empty value, which unsets, and an empty list or object is left out.
 * @throws GatewayError INVALID_PAYLOAD when the text is not a JSON object or would not arrive as it was written
 */
export const formFromJson = (json: string, form: FormNotation): string => formFromObject(jsonObject(json), form);

/** The same, of an object. */
export function formFromObject(object: JsonObject, form: FormNotation): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(object)) {
    if (form === 'form-nested' && /[[\]]/.test(name)) throw invalidPayload(`"${name}" must be written as an object`);
    if (form === 'form-nested') appendNested(parameters, name, value);
    else appendFlat(parameters, name, value);
  }
  return parameters.toString();
}

/** @throws GatewayError INVALID_PAYLOAD when the text is not a JSON object or cannot be kept exactly */
export function jsonObject(json: string): JsonObject {
  const body = parseJson(json);
  if (!isJsonObject(body)) throw invalidPayload('The body must be a JSON object');
  requireExact(body, 0);
  return body;
}

/** @throws GatewayError INVALID_PAYLOAD, which does not quote the text */
export function parseJson(json: string): Json {
  try {
    return JSON.parse(json);
  } catch {
    throw invalidPayload('The body is not valid JSON');
  }
}

const maxDepth = 20;

/** Refuses what would change on the way: integers beyond 2^53, and nesting that no parameter has. */
function requireExact(value: Json, depth: number): void {
  if (depth > maxDepth) throw invalidPayload(`The body is nested more than ${maxDepth} levels deep`);
  if (typeof value === 'number' && !isPlainNumber(value)) {
    throw invalidPayload('The body holds a number that cannot be sent exactly; send it as text');
  }
  if (typeof value === 'string') requireWellFormed(value);
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      requireWellFormed(name);
      requireExact(inner, depth + 1);
    }
  }
}

/** Beyond 2^53 a number is not what was written; an exponent is not what a form's reader expects. */
const isPlainNumber = (value: number): boolean =>
  Math.abs(value) <= Number.MAX_SAFE_INTEGER && !String(value).includes('e');

/** Half a surrogate pair cannot be written as UTF-8. */
function requireWellFormed(text: string): void {
  if (!text.isWellFormed()) throw invalidPayload('The body holds half a character');
}

/** Stripe's notation: `metadata[key]=x`, `items[0][price]=x`. */
function appendNested(parameters: URLSearchParams, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) parameters.append(name, String(value ?? ''));
  else for (const [key, inner] of Object.entries(value)) appendNested(parameters, `${name}[${key}]`, inner);
}

/** Twilio's notation: a list repeats its name; an object is a parameter that holds JSON, such as ContentVariables. */
function appendFlat(parameters: URLSearchParams, name: string, value: unknown): void {
  for (const entry of Array.isArray(value) ? value : [value]) {
    const text = typeof entry === 'object' && entry !== null ? JSON.stringify(entry) : String(entry ?? '');
    parameters.append(name, text);
  }
}
