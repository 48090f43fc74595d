/** Whether a rule speaks of a resource itself: as many segments, and literal wherever the resource is. */
export function isNamedBy(rule: string, resource: string): boolean {
  const [named, expected] = [rule, resource].map((pattern) => pattern.toLowerCase().split('/').map(withoutExtension));
  if (named === undefined || expected === undefined || named.length !== expected.length) return false;
  return expected.every((segment, index) =>
    segment.startsWith(':') ? named[index] !== '*' : named[index] === segment,
  );
}

const withoutExtension = (segment: string): string => segment.replace(/\.(\*|json)$/, '');
