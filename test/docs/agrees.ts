/** What stands in a page for whatever varies. */
const REST = '…';

/**
 * Whether an answer is the one that a page shows.
 *
 * In text, `…` stands for any part of a line, and a line with nothing else for any number of lines. In JSON, `…` in a
 * string stands for any part of it, the string `…` for any value, a member `…` for further members, and a last element
 * `…` for further elements.
 */
export function agrees(shown: { readonly language: 'json' | 'text'; readonly text: string }, answer: string): boolean {
  if (shown.language === 'text') return patternOfText(shown.text).test(`${answer.trimEnd()}\n`);
  const got = parsed(answer);
  return got !== undefined && isSame(JSON.parse(shown.text), got.value);
}

function parsed(answer: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(answer) };
  } catch {
    return undefined;
  }
}

function patternOfText(text: string): RegExp {
  const lines = text.split('\n').map((line) => (line === REST ? '(?:.*\\n)*?' : `${patternOfLine(line)} *\\n`));
  return new RegExp(`^${lines.join('')}$`);
}

const patternOfLine = (line: string): string =>
  line
    .split(REST)
    .map((part) => part.replaceAll(/[^\w\s]/g, '\\$&'))
    .join('.*');

function isSame(shown: unknown, got: unknown): boolean {
  if (shown === REST) return true;
  if (typeof shown === 'string')
    return typeof got === 'string' && new RegExp(`^${patternOfLine(shown)}$`, 's').test(got);
  if (Array.isArray(shown)) return Array.isArray(got) && areSame(shown, got);
  if (isObject(shown)) return isObject(got) && haveSame(shown, got);
  return shown === got;
}

function areSame(shown: readonly unknown[], got: readonly unknown[]): boolean {
  const isOpen = shown.at(-1) === REST;
  const first = isOpen ? shown.slice(0, -1) : shown;
  const fits = isOpen ? got.length >= first.length : got.length === first.length;
  return fits && first.every((each, index) => isSame(each, got[index]));
}

function haveSame(shown: object, got: object): boolean {
  const members = new Map<string, unknown>(Object.entries(got));
  const names = Object.keys(shown).filter((name) => name !== REST);
  const fits = REST in shown ? names.every((name) => members.has(name)) : names.length === members.size;
  return fits && Object.entries(shown).every(([name, value]) => name === REST || isSame(value, members.get(name)));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
