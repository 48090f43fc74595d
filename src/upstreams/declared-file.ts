import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** What is wrong in a declaration, by the path of its member. */
export type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

export type DeclaredFile = {
  /** Its content as plain values; undefined where it cannot be read. */
  readonly content: unknown;
  readonly issues: readonly Issue[];
  /** `name:line:column` of a member, or of the nearest one around it. Both count from 1. */
  readonly locate: (path: readonly PropertyKey[]) => string;
};

/** Reads YAML so that every fault can be told by its place. */
export function readDeclaredFile(name: string, text: string): DeclaredFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const message = error.message.replace(/: .*$/s, ''); // then it quotes the file
    return { content: undefined, issues: [{ path: [], message }], locate: () => at(error.pos[0]) };
  }
  const locate = (path: readonly PropertyKey[]): string => at(offsetOf(document.contents, path));
  try {
    return { content: document.toJS({ maxAliasCount: 1_000 }), issues: [], locate };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return {
      content: undefined,
      issues: [{ path: [], message: 'holds aliases that lead nowhere, or too many' }],
      locate,
    };
  }
}

function offsetOf(root: unknown, path: readonly PropertyKey[]): number {
  let node = root;
  let offset = startOf(root);
  for (const name of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === name) : undefined;
    const next = isSeq(node) && typeof name === 'number' ? node.items[name] : pair?.value;
    if (next === undefined && pair === undefined) return offset;
    offset = startOf(next) || startOf(pair?.key) || offset;
    node = next;
  }
  return offset;
}

const startOf = (node: unknown): number => {
  if (isPair(node)) return startOf(node.key);
  return isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
};
