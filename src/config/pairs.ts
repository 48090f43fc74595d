/**
 * `a=1,b=2` as the OTEL_ variables have it: commas between, and in a value whatever else would be misread as `%2C`.
 * @returns undefined where it has another form
 */
export function readPairs(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>();
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    const [name, value] = [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
    if (at < 1 || name === undefined || name === '' || value === undefined) return undefined;
    pairs.set(name, value);
  }
  return pairs;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
}
