import { describe, expect, it } from '@jest/globals';
import { showProgress } from '../../../src/commands/progress.ts';

/** A screen, what was written to it, and when something first was. */
function screen(isTTY: boolean) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const written: string[] = [];
  const write = (text: string) => {
    written.push(text);
    resolve();
  };
  return { isTTY, write, written, shown: promise };
}

describe('an operator at a terminal', () => {
  it('sees what is waited for, and nothing of it afterwards', async () => {
    const terminal = screen(true);
    const work = () => terminal.shown.then(() => 7);
    expect(await showProgress('asking Directus', work, terminal, 0)).toBe(7);
    expect(terminal.written).toEqual(['asking Directus …', '\r\u001b[K']);
  });

  it('sees nothing of what takes no time', async () => {
    const terminal = screen(true);
    await showProgress('asking Directus', () => Promise.resolve(), terminal, 0);
    expect(terminal.written).toEqual([]);
  });

  it('is left with a clean line when it fails', async () => {
    const terminal = screen(true);
    const work = () => terminal.shown.then(() => Promise.reject(new Error('no')));
    await expect(showProgress('asking Directus', work, terminal, 0)).rejects.toThrow('no');
    expect(terminal.written.at(-1)).toBe('\r\u001b[K');
  });
});

it('a machine sees none of it, however long it takes', async () => {
  const file = screen(false);
  await showProgress('asking Directus', () => new Promise((done) => setTimeout(done, 20)), file, 0);
  expect(file.written).toEqual([]);
});
