import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { useWorld } from '../world/use-world.ts';
import { secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const command = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Runs `directus-gateway` with the world's set-up, away from any .env. */
async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const options = { env: { ...world.environment }, cwd: tmpdir() };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [command, ...words], options);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = Object(error);
    return { code, out: stdout, err: stderr };
  }
}

describe('an operator asks directus-gateway explain', () => {
  it('and is told what lets a caller through, with exit code 0', async () => {
    const { code, out } = await run('explain', 'get', '/stripe/payments', '--token', tokens.reader);

    expect(code).toBe(0);
    expect(out).toMatch(/^GET \/stripe\/payments is allowed\n/);
    expect(out).toContain('read on customers');
  });

  it('and is told what refuses a caller and what to change, with exit code 1', async () => {
    const { code, out } = await run('explain', 'POST', '/stripe/customers', '--token', tokens.reader, '--json');

    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'refused',
      action: 'create',
      refusal: {
        code: 'FORBIDDEN',
        reason: 'no_permission:customers.create',
        advice: expect.stringContaining('"create"'),
      },
    });
  });

  it('and hears that Directus does not know the token', async () => {
    const { code, out, err } = await run('explain', 'GET', '/stripe/payments', '--token', 'canaryTokenUnknown');

    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('INVALID_CREDENTIALS: Invalid user credentials.\n');
  });

  it('and is told what is missing, never a secret', async () => {
    const { code, out, err } = await run('explain', 'GET', '/stripe/payments');

    expect([code, out]).toEqual([1, '']);
    expect(err).toContain("required option '--token <token>' not specified");
    expect(err).not.toContain(secrets.stripeKey);
  });
});
