import { describe, expect, it } from '@jest/globals';
import { version } from '../../src/version.ts';
import { runCommand } from '../world/run-command.ts';

const run = (...words: string[]) => runCommand({}, ...words);

describe('somebody who asks directus-gateway for help', () => {
  it.each([[['--help']], [['help']], [['explain', '--help']], [['init', '--help']], [['help', 'check']]])(
    '%j reads what it does, an example and the exit codes, in lines that fit a terminal',
    async (words) => {
      const { code, out, err } = await run(...words);
      expect([code, err]).toEqual([0, '']);
      for (const part of ['Usage: directus-gateway', 'Options:', '  $ directus-gateway', 'Exit codes: 0 '])
        expect(out).toContain(part);
      expect(out.split('\n').filter((line) => line.length > 120)).toEqual([]);
    },
  );

  it('reads of every command in the list, and of none that is not for them', async () => {
    const { out } = await run('--help');
    const [, list = ''] = /Commands:\n([\s\S]*?)\n\n/.exec(out) ?? [];
    const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(['explain', 'init', 'check', 'help']));
    expect(names).not.toContain('worker');
  });

  it('reads that explain takes the token of a user, and not the gateway’s own', async () => {
    const { out } = await run('explain', '--help');
    expect(out).toContain('--token "$DIRECTUS_USER_TOKEN"');
    expect(out).not.toContain('$DIRECTUS_TOKEN"');
  });

  it('reads the version alone with --version', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});

describe('somebody who mistypes', () => {
  it.each([
    ['a command', ['chekc'], "unknown command 'chekc'", 'Did you mean check?'],
    ['a command that is like none', ['serve'], "unknown command 'serve'", ''],
    ['an option', ['init', '--tokn', 'canary'], "unknown option '--tokn'", 'Did you mean --token?'],
    ['an option of its own', ['--versoin'], "unknown option '--versoin'", 'Did you mean --version?'],
    ['an argument too many', ['check', 'canary'], "too many arguments for 'check'", ''],
    ['an argument too few', ['explain', '--token', 'canary', 'GET'], "missing required argument 'path'", ''],
    ['a path, and no token either', ['explain', 'GET'], "missing required argument 'path'", ''],
    ['the option of the token', ['explain', '--tokn', 'canary'], "unknown option '--tokn'", 'Did you mean --token?'],
    ['no token', ['explain', 'GET', '/stripe/payments'], "required option '--token <token>' not specified", ''],
  ])('%s is told so, and where to look, with exit code 1', async (_what, words, told, meant) => {
    const { code, out, err } = await run(...words);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`error: ${told}`);
    expect(err).toContain(meant);
    expect(err).toContain('Add --help to see what there is.');
  });

  it('a variable that is required is told which one may have been meant, and never its value', async () => {
    const { code, err } = await runCommand({ DIRECTUS_ULR: 'http://canary.example' }, 'check');
    expect(code).toBe(1);
    expect(err).toContain('DIRECTUS_URL is required (is it what DIRECTUS_ULR was meant to be?)');
    expect(err).not.toContain('canary');
  });
});
