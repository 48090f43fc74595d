/** Names for one line of text: `a, b, c`, or `a, b, c and 70 more`. */
export function shortList(names: readonly string[]): string {
  const left = names.length - shown;
  if (left <= 1) return names.join(', ');
  return `${names.slice(0, shown).join(', ')} and ${left} more`;
}

const shown = 3;
