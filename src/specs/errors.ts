import type { JsonObject } from '../directus/json.ts';
import { codes, type ErrorCode } from '../errors/codes.ts';

/** The statuses that every operation may answer on the gateway's own account, and what they mean of the API. */
const statuses = {
  401: 'No good token: none at all, or one that Directus does not accept.',
  403: 'Not allowed.',
  429: 'Too many requests: of this caller, or to the API, whose answer it then is.',
  503: 'Directus or the API cannot be asked now.',
} as const;

/** The code that callers meet most of its status: tools show the first example alone. */
const usual: ErrorCode = 'FORBIDDEN';

const answerName = 'Answer';
const refer = (name: string): JsonObject => ({ $ref: `#/components/responses/${name}` });

/** Of an operation. */
export const errorReferences: JsonObject = {
  default: refer(answerName),
  ...Object.fromEntries(Object.keys(statuses).map((status) => [status, refer(status)])),
};

/** What these refer to. */
export const responses: JsonObject = {
  [answerName]: { description: "The API's own answer, or an error of the gateway's with another status." },
  ...Object.fromEntries(
    Object.entries(statuses).map(([status, description]) => [
      status,
      { description, content: { 'application/json': { schema: errorSchema(Number(status)) } } },
    ]),
  ),
};

/** In Directus' form. What an API's client reads beside it, or the API's own error, is not said. */
function errorSchema(status: number): JsonObject {
  const told = Object.entries(codes)
    .filter(([, code]) => code.status === status)
    .toSorted(([one], [other]) => Number(other === usual) - Number(one === usual));
  const extensions = { type: 'object', properties: { code: { type: 'string', examples: told.map(([name]) => name) } } };
  const error = {
    type: 'object',
    properties: { message: { type: 'string', examples: told.map(([, { message }]) => message) }, extensions },
  };
  return { type: 'object', properties: { errors: { type: 'array', items: error } } };
}
