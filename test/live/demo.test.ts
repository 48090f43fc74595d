import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { personas } from '../../demo/directus/personas.ts';
import { freePort } from '../../demo/free-port.ts';
import { readSettings } from '../../demo/settings.ts';
import { openPage, said } from '../page/visit.ts';
import { useBrowser } from '../world/browser.ts';
import { installationMs } from '../world/live-world.ts';
import { until } from '../world/until.ts';
import { useStops } from '../world/use-stops.ts';

const project = join(import.meta.dirname, '..', '..');
const { stripe, twilio } = await readSettings();
// With keys in .env the printed lines send real messages: those are for people only.
const describeWithoutKeys = stripe === undefined && twilio === undefined ? describe : describe.skip;

describeWithoutKeys('whoever starts the demo and pastes the lines that it prints', () => {
  const stopLater = useStops();
  const newVisitor = useBrowser();
  let demo: Demo;

  beforeAll(async () => {
    demo = stopLater(await startDemo());
    await demo.printed;
  }, installationMs);

  it('is told of every persona, and of what runs where', () => {
    const names = [...demo.output().matchAll(/^(\w+) .*\(\1@example\.com, \S+\)$/gm)].map(([, name]) => name);

    expect(names.sort()).toEqual(Object.keys(personas).sort());
    for (const url of [demo.gatewayUrl, demo.directusUrl]) expect(demo.output()).toContain(url);
  });

  it('signs in on the page that it names as one of these people, and sees what they may do', async () => {
    const [, address = ''] = /^In a browser: (\S+)\/gateway\/ /m.exec(demo.output()) ?? [];
    const [, email = '', password = ''] = /\((reader@example\.com), (\S+)\)$/m.exec(demo.output()) ?? [];
    const { page, signIn, complaints } = await openPage(await newVisitor(), address);
    await signIn({ email, password });
    await page.getByText(`Signed in as ${email}`).waitFor();

    expect(await said(page, 'read', '/stripe/customers')).toBe('allowed');
    expect(await said(page, 'create', '/stripe/customers')).toBe('refused');
    expect(complaints).toEqual([]);
  });

  it('sees what each line says will be seen', async () => {
    const lines = linesOf(demo.output());
    const outcomes = await Promise.all(lines.map(async ({ what, curl }) => ({ what, ...(await runInShell(curl)) })));

    expect(outcomes).toEqual(lines.map(expectedOutcome));
    // every kind of line is among them: something read, something made, both refusals, and a list of which a part is shown
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['200', '201', '401', '403']));
    expect(lines.filter(({ curl }) => curl.includes('| head'))).toHaveLength(3);
  });

  it('is told of nothing that concerns only whoever works on it', () => {
    expect(demo.output()).not.toContain('Warning');
  });

  it('is left with nothing that runs after Ctrl-C', async () => {
    demo.interrupt();

    expect(await demo.ended).toBe('exit code 0');
    for (const url of [demo.gatewayUrl, demo.directusUrl]) {
      await expect(fetch(`${url}/server/ping`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    }
  });
});

type Demo = {
  readonly gatewayUrl: string;
  readonly directusUrl: string;
  /** How it ended: `exit code 0`, or the signal. */
  readonly ended: Promise<string>;
  output(): string;
  /** Resolves when it has printed its lines. */
  readonly printed: Promise<void>;
  interrupt(): void;
  stop(): Promise<void>;
};

async function startDemo(): Promise<Demo> {
  const [gatewayPort, directusPort] = [await freePort(undefined, 'PORT'), await freePort(undefined, 'PORT')];
  const child = spawn(process.execPath, [join(project, 'demo', 'main.ts')], {
    cwd: project,
    env: { ...process.env, PORT: String(gatewayPort), DEMO_DIRECTUS_PORT: String(directusPort) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const happened = until();
  let output = '';
  let how: string | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      happened.check();
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      how = signal ?? `exit code ${code}`;
      resolve(how);
      happened.check();
    });
  });
  const printed = happened
    .holds(() => output.includes('Ctrl-C') || how !== undefined)
    .then(() => {
      if (how !== undefined) throw new Error(`The demo ended with ${how}:\n${output}`);
    });
  return {
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    directusUrl: `http://127.0.0.1:${directusPort}`,
    ended,
    printed,
    output: () => output,
    interrupt: () => child.kill('SIGINT'),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

type Line = { readonly what: string; readonly curl: string };

/** The lines to paste, each with the promise above it. */
const linesOf = (output: string): Line[] =>
  [...output.matchAll(/^ +(\S.*)\n +(curl .*)$/gm)].map(([, what = '', curl = '']) => ({ what, curl }));

type Outcome = { readonly what: string; readonly status: unknown; readonly answer: unknown };

function expectedOutcome({ what, curl }: Line): Outcome {
  const status = /refused with (\d{3})/.exec(what)?.[1];
  if (status !== undefined) {
    const code = status === '401' ? 'INVALID_CREDENTIALS' : 'FORBIDDEN';
    const answer = expect.objectContaining({ errors: [expect.objectContaining({ extensions: { code } })] });
    return { what, status, answer };
  }
  if (curl.includes('| head')) return { what, status: '200', answer: expect.stringMatching(/^\[\{"id":"pi_/) };
  return { what, status: expect.stringMatching(/^20[01]$/), answer: expect.anything() };
}

const run = promisify(execFile);

async function runInShell(line: string): Promise<Omit<Outcome, 'what'>> {
  const { stdout, stderr } = await run('sh', ['-c', line]);
  if (line.includes('| head')) return { status: /^\n(\d{3})\n$/.exec(stderr)?.[1], answer: stdout };
  const [, body = '', status] = /^(.*)\n(\d{3})\n$/s.exec(stdout) ?? [];
  return { status, answer: z.json().parse(JSON.parse(body)) };
}
