import { isMembers, type Members } from './document.ts';
import { type Child, element } from './element.ts';

/** The answer of `GET /gateway/explain`, for people. */
export function explanation(body: unknown): HTMLElement[] {
  const told = isMembers(body) && isMembers(body.data) ? body.data : {};
  const isAllowed = told.verdict === 'allowed';
  const hasBody = told.method === 'POST' || told.method === 'PUT' || told.method === 'PATCH';
  const refusal = isMembers(told.refusal) ? told.refusal : undefined;
  return [
    element('p', { class: `verdict ${isAllowed ? 'allowed' : 'refused'}` }, isAllowed ? 'Allowed' : 'Refused'),
    ...(isAllowed && hasBody
      ? [element('p', {}, 'The body of a request can still be refused: for a field, a row or a value.')]
      : []),
    ...(refusal === undefined ? [] : refusalOf(refusal)),
    element('dl', {}, ...[...ruleOf(told), ...permissionOf(told), ...rowsOf(told), ...askedOf(told)].flatMap(entry)),
  ];
}

type Entry = readonly [name: string, ...told: Child[]];

const entry = ([name, ...told]: Entry): HTMLElement[] => [element('dt', {}, name), element('dd', {}, ...told)];

const code = (text: unknown): HTMLElement => element('code', {}, String(text));

const refusalOf = ({ message, advice, code: name, reason }: Members): HTMLElement[] => [
  element('p', {}, String(message)),
  element('h3', {}, 'What to change'),
  element('p', { class: 'advice' }, String(advice)),
  element('p', { class: 'hint' }, 'Code ', code(name), ...(reason === undefined ? [] : [', reason ', code(reason)])),
];

function ruleOf({ upstream, rule }: Members): Entry[] {
  if (upstream === undefined) return [];
  if (!isMembers(rule)) return [['Rule', `None of ${upstream} is about this method and path.`]];
  const { methods, path, deny } = rule;
  const which = [code(Array.isArray(methods) ? methods.join(', ') : 'any method'), ' ', code(path), ` of ${upstream}`];
  return [['Rule', ...which, ...(deny === undefined ? [] : [', which refuses: ', code(deny)])]];
}

function permissionOf({ action, collection, permission }: Members): Entry[] {
  if (action === undefined) return [];
  const asked: Entry = ['Needs', code(action), ' on the collection ', code(collection)];
  if (!isMembers(permission)) return [asked, ['Directus grants', 'nothing of it']];
  const { access, fields, presets } = permission;
  const granted: Entry = ['Directus grants', accessWords(access)];
  return [asked, granted, ...listOf('Fields', fields), ...listOf('Filled in for you', presets)];
}

function accessWords(access: unknown): string {
  if (access === 'full') return 'every item';
  return access === 'partial' ? 'some items, by an item rule' : 'nothing of it';
}

function listOf(name: string, listed: unknown): Entry[] {
  const names = Array.isArray(listed) ? listed.map(String) : isMembers(listed) ? Object.keys(listed) : [];
  if (names.length === 0) return [];
  return [[name, names.includes('*') ? 'all' : names.join(', ')]];
}

/** @see src/explain.ts */
const rowsWords = new Map<unknown, string>([
  ['readable', 'the rows that path and query name, which were looked up'],
  ['each item', 'an answer holds only what belongs to rows that you may read'],
  ['body', 'the body has to name a row that you may change'],
]);

function rowsOf({ rows }: Members): Entry[] {
  const words = rowsWords.get(rows);
  return words === undefined ? [] : [['Rows', words]];
}

function askedOf({ directus, caller }: Members): Entry[] {
  if (!isMembers(directus) || !isMembers(caller)) return [];
  const { remembered, ageMs } = directus;
  const age = remembered === true ? `remembered for ${seconds(ageMs)}` : 'asked just now';
  const who = caller.user ?? caller.share;
  return [
    ['Directus’ answer', age],
    ['You are', code(who ?? 'nobody'), ...(caller.role === null ? [] : [' with the role ', code(caller.role)])],
  ];
}

const seconds = (ms: unknown): string => `${(Number(ms) / 1_000).toFixed(1)} s`;
