import { describe, expect, it } from '@jest/globals';
import { runCommand } from '../world/run-command.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const init = (environment: Record<string, string>, ...words: string[]) => runCommand(environment, 'init', ...words);

/** What an administrator's real Directus answers is in test/live/init.test.ts. */
describe('an operator asks directus-gateway init', () => {
  it('and learns what it does, from its help', async () => {
    const { code, out } = await init({}, '--help');

    expect(code).toBe(0);
    for (const word of ['--dry-run', '--service-user', 'Examples:', 'Exit codes:']) expect(out).toContain(word);
  });

  it('without a token, and hears that an administrator’s is needed', async () => {
    const { code, out, err } = await init(world.environment);

    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('--token <token>, or DIRECTUS_ADMIN_TOKEN');
    expect(world.directus.asked).toEqual([]);
  });

  it.each([
    ['that Directus does not know', 'canaryTokenUnknown', 'Invalid user credentials.'],
    ['that fits no header', 'canary token\nunfit', 'must be visible characters'],
    ['of a user who is no administrator', world.directus.service.token, 'not an administrator’s'],
  ])('with a token %s, and hears why, never the token', async (_what, token, words) => {
    const { code, out, err } = await init(world.environment, '--token', token, '--yes');

    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(words);
    expect(err).not.toMatch(/canary/);
  });

  it('for a machine, which is told in JSON', async () => {
    const { code, out, err } = await init(world.environment, '--token', 'canaryTokenUnknown', '--json');

    expect([code, err]).toEqual([1, '']);
    expect(JSON.parse(out)).toEqual({ error: { code: 'INVALID_CREDENTIALS', message: 'Invalid user credentials.' } });
  });

  it('for a collection that no rule names, and nothing is asked of Directus', async () => {
    const { code, err } = await init(
      world.environment,
      '--token',
      tokens.admin,
      '--with',
      'stripe_products,nonsense,other',
    );

    expect(code).toBe(1);
    expect(err).toContain('--with: no rule of an upstream that is on names nonsense, other.');
    expect(world.directus.asked).toEqual([]);
  });

  it('for a collection whose name is mistyped, and hears which is likely meant', async () => {
    const { code, err } = await init(world.environment, '--token', tokens.admin, '--with', 'stripe_product,nonsense');
    expect(code).toBe(1);
    expect(err).toContain('names stripe_product, nonsense. Did you mean stripe_products?');
  });

  it('while Directus is away, and hears that it cannot be reached', async () => {
    const { code, err } = await init({ ...world.environment, DIRECTUS_URL: 'http://127.0.0.1:1' }, '--token', 'canary');

    expect(code).toBe(1);
    expect(err).toMatch(/^Directus cannot be reached/);
    expect(err).not.toMatch(/canary/);
  });
});
