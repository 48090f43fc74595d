import type { Grant } from '../authorize/authorize.ts';
import type { Accountability } from '../directus/accountability.ts';
import type { JsonObject } from '../directus/json.ts';
import { isBodyWeighed } from '../prepare/weigh-parameters.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { newCustomerSchema } from './composed.ts';
import type { Schema } from './open-api.ts';
import { parametersSchema } from './parameters-schema.ts';

/**
 * The body that a caller may send by a grant, in the types that the gateway takes there.
 * @param upstream under the grant's rule
 */
export function requestBody(grant: Grant, accountability: Accountability, upstream: Upstream): JsonObject {
  if (grant.rule.operation === 'create-customer') return bodyOf([json, form], newCustomerSchema(grant, accountability));
  switch (upstream.bodyForm) {
    case 'json':
      return bodyOf([json], parametersSchema(grant, upstream));
    case 'form-nested':
    case 'form-flat':
      return bodyOf([json, form], parametersSchema(grant, upstream));
    case 'as-is':
      return isBodyWeighed(grant, upstream)
        ? bodyOf([json, form], parametersSchema(grant, upstream))
        : bodyOf(['*/*'], {});
  }
}

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

const bodyOf = (types: readonly string[], schema: Schema): JsonObject => ({
  content: Object.fromEntries(types.map((type) => [type, { schema }])),
  ...('required' in schema && { required: true }),
});
