import { readProjectFile } from '../unit/deployment/project-file.ts';

/** What the HTML comment above a block says about it. */
export type Mark =
  | { readonly kind: 'run' }
  /** It goes on running; its output must come to hold this. */
  | { readonly kind: 'stays'; readonly says: string }
  /** It ends with this exit code. */
  | { readonly kind: 'ends'; readonly code: number }
  /** Directus' change may take a moment to arrive: it is repeated until its answer is the one that is shown. */
  | { readonly kind: 'soon' }
  | { readonly kind: 'not run'; readonly reason: string }
  /** Its text goes into this file, or behind what is in it. */
  | { readonly kind: 'file' | 'more of'; readonly name: string };

export type Block = {
  readonly language: string;
  readonly text: string;
  /** Of its first line, from 1 on. */
  readonly line: number;
  readonly mark: Mark;
  /** The block that shows what it answers. */
  readonly answer?: { readonly language: 'json' | 'text'; readonly text: string };
};

/** The code blocks of a page of the project, each with its mark and the answer that follows it. */
export const readPage = (name: string): Block[] => blocksOf(readProjectFile(name), name);

type Fence = Pick<Block, 'language' | 'text' | 'line'> & { readonly comment: string | undefined };

/** @param name for errors */
export function blocksOf(markdown: string, name: string): Block[] {
  const blocks: Block[] = [];
  for (const { comment, ...fence } of fencesOf(markdown)) {
    const before = blocks.at(-1);
    const { language, text } = fence;
    if (isShown(language) && comment === undefined && before?.language === 'sh' && before.answer === undefined) {
      blocks[blocks.length - 1] = { ...before, answer: { language, text } };
    } else {
      blocks.push({ ...fence, mark: markOf(comment, `${name}:${fence.line}`) });
    }
  }
  return blocks;
}

const isShown = (language: string): language is 'json' | 'text' => language === 'json' || language === 'text';

function fencesOf(markdown: string): Fence[] {
  const lines = markdown.split('\n');
  const fences: Fence[] = [];
  let opened: { language: string; line: number; comment: string | undefined } | undefined;
  lines.forEach((line, index) => {
    const fence = /^```(\w*)$/.exec(line);
    if (fence === null) return;
    if (opened === undefined) {
      const above = lines.slice(0, index).findLast((each) => each !== '') ?? '';
      opened = { language: fence[1] ?? '', line: index + 2, comment: /^<!-- (.*) -->$/.exec(above)?.[1] };
      return;
    }
    fences.push({ ...opened, text: lines.slice(opened.line - 1, index).join('\n') });
    opened = undefined;
  });
  return fences;
}

const forms: readonly [RegExp, (value: string) => Mark][] = [
  [/^stays, and says: (.+)$/, (says) => ({ kind: 'stays', says })],
  [/^ends with (\d+)$/, (code) => ({ kind: 'ends', code: Number(code) })],
  [/^(soon)$/, () => ({ kind: 'soon' })],
  [/^not run: (.+)$/, (reason) => ({ kind: 'not run', reason })],
  [/^file: (\S+)$/, (name) => ({ kind: 'file', name })],
  [/^more of: (\S+)$/, (name) => ({ kind: 'more of', name })],
];

function markOf(comment: string | undefined, place: string): Mark {
  if (comment === undefined) return { kind: 'run' };
  for (const [form, mark] of forms) {
    const value = form.exec(comment)?.[1];
    if (value !== undefined) return mark(value);
  }
  throw new Error(`${place}: the comment above the block is none that the test knows: ${comment}`);
}
