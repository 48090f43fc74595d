import { describe, expect, it } from '@jest/globals';
import { runCommand } from '../world/run-command.ts';
import { useWorld } from '../world/use-world.ts';
import { secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const run = (...words: string[]) => runCommand(world.environment, ...words);

describe('an operator asks directus-gateway explain', () => {
  it('and is told what lets a caller through, with exit code 0', async () => {
    const { code, out } = await run('explain', 'get', '/stripe/payments', '--token', tokens.reader);

    expect(code).toBe(0);
    expect(out).toMatch(/^GET \/stripe\/payments is allowed\n/);
    expect(out).toContain('read on customers');
  });

  it.each(['stripe/payments', 'https://user:canary@gateway.test:8056/stripe/payments'])(
    'and is understood where %s is written or pasted',
    async (path) => {
      const { code, out } = await run('explain', 'GET', path, '--token', tokens.reader);
      expect(code).toBe(0);
      expect(out).toMatch(/^GET \/stripe\/payments is allowed\n/);
      expect(out).not.toContain('canary');
    },
  );

  it('and is told what a caller who is allowed would still be refused', async () => {
    const { code, out } = await runCommand(
      { ...world.environment, STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' },
      ...['explain', 'POST', '/stripe/customers', '--token', tokens.creator],
    );

    expect(code).toBe(0);
    expect(out).toMatch(/^POST \/stripe\/customers is allowed\n/);
    expect(out).toContain('note:       With "item" it is refused: that also needs "update" on "customers"');
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
    expect(err).toBe(
      'INVALID_CREDENTIALS: Invalid user credentials.\nDirectus does not accept this token: sign in anew, or give the user a new static token.\n',
    );
  });

  it('and is told what is missing, never a secret', async () => {
    const { code, out, err } = await run('explain', 'GET', '/stripe/payments');

    expect([code, out]).toEqual([1, '']);
    expect(err).toContain("required option '--token <token>' not specified");
    expect(err).not.toContain(secrets.stripeKey);
  });
});
