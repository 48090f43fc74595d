import { invalidPayload } from '../errors/gateway-error.ts';
import type { BodyForm } from '../upstreams/upstream.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * An `application/x-www-form-urlencoded` body with the parameters of a JSON object. As in the official clients, null
 * becomes the empty value, which unsets, and an empty list or object is left out.
 * @throws GatewayError INVALID_PAYLOAD when the text is not a JSON object or would not arrive as it was written
 */
export function formFromJson(json: string, form: Exclude<BodyForm, 'json'>): URLSearchParams {
  const body = parse(json);
  if (!isObject(body)) throw invalidPayload('The body must be a JSON object');
  requireExact(body, 0);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    if (form === 'form-nested') appendNested(parameters, name, value);
    else appendFlat(parameters, name, value);
  }
  return parameters;
}

function parse(json: string): Json {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw invalidPayload('The body is not valid JSON', error);
  }
}

const maxDepth = 20;

/** Refuses what would change on the way: integers beyond 2^53, and nesting that no parameter has. */
function requireExact(value: Json, depth: number): void {
  if (depth > maxDepth) throw invalidPayload(`The body is nested more than ${maxDepth} levels deep`);
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw invalidPayload('The body holds a number that is too large to be exact; send it as text');
  }
  if (typeof value === 'string') requireWellFormed(value);
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      requireWellFormed(name);
      requireExact(inner, depth + 1);
    }
  }
}

/** Half a surrogate pair cannot be written as UTF-8. */
function requireWellFormed(text: string): void {
  if (!text.isWellFormed()) throw invalidPayload('The body holds half a character');
}

/** Stripe's notation: `metadata[key]=x`, `items[0][price]=x`. */
function appendNested(parameters: URLSearchParams, name: string, value: Json): void {
  if (typeof value !== 'object' || value === null) parameters.append(name, String(value ?? ''));
  else for (const [key, inner] of Object.entries(value)) appendNested(parameters, `${name}[${key}]`, inner);
}

/** Twilio's notation: a list repeats its name; an object is a parameter that holds JSON, such as ContentVariables. */
function appendFlat(parameters: URLSearchParams, name: string, value: Json): void {
  for (const entry of isList(value) ? value : [value]) {
    const text = typeof entry === 'object' && entry !== null ? JSON.stringify(entry) : String(entry ?? '');
    parameters.append(name, text);
  }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const isObject = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !isList(value);
