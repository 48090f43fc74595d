import { unescape as decode } from 'node:querystring';
import type { Content } from './content.ts';
import { unpermittedParameters } from './weigh-parameters.ts';

/**
 * Refuses parameters that frameworks take for the method, in the query and in a body that was read: what was weighed as
 * a creation would be a deletion there. Rails, Laravel and Symfony have `_method`, Salesforce has `_HttpMethod`. Names are
 * looked at as the least strict of them read them: `;` separates, and PHP takes dots and lone brackets for underscores.
 * @throws GatewayError FORBIDDEN, naming them
 */
export function requireOwnMethod(query: string, content: Content | undefined): void {
  const sent = [...namesOf(query), ...(content === undefined ? [] : namesIn(content))];
  const found = sent.filter((name) => methodForm.test(name));
  if (found.length > 0) throw unpermittedParameters(found);
}

const methodForm = /^\s*[_.[](?:http)?method(?!\w)/i;

const namesIn = (content: Content): string[] =>
  content.kind === 'json' ? Object.keys(content.value) : namesOf(content.text);

const namesOf = (form: string): string[] =>
  form.split(/[&;]/).map((pair) => decode((pair.split('=')[0] ?? '').replaceAll('+', ' ')));
