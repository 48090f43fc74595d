import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readExample } from './read-example.ts';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('../../..', import.meta.url));

/** The Compose plugin of Docker, or the same program alone; neither needs an engine to read the file. */
async function findCompose(): Promise<readonly string[] | undefined> {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const [program = '', ...rest] = command;
    const { stdout } = await run(program, [...rest, 'version', '--short']).catch(() => ({ stdout: '' }));
    if (/^v?[2-9]/.test(stdout)) return command;
  }
  return undefined;
}

const compose = await findCompose();
const config = ['--file', 'docker-compose.yml', 'config']; // whatever docker-compose.override.yml there may be
const suite = compose === undefined ? describe.skip : describe;
const why = compose === undefined ? ' (left out: there is no Docker Compose 2 or later)' : '';
const answer = z.object({ services: z.record(z.string(), z.object({ profiles: z.array(z.string()).optional() })) });
const filledIn = readExample('docker-compose.env.example')
  .filter(({ isDefault, value }) => !isDefault && value === '')
  .map(({ name }): [string, string] => [name, 'filled in']);

suite(`Docker Compose reads docker-compose.yml${why}`, () => {
  const always = ['database', 'directus'];
  const profiles: [string, string[]][] = [
    ['try', ['gateway-try', 'stand-ins', 'collections']],
    ['live', ['gateway']],
    ['live,redis', ['gateway', 'redis']],
    ['try,redis', ['gateway-try', 'stand-ins', 'collections', 'redis']],
    ['scale', ['balancer', 'gateway-1', 'gateway-2', 'gateway-3', 'redis']],
  ];

  it.each(profiles)('and starts with COMPOSE_PROFILES=%s what it should', async (COMPOSE_PROFILES, expected) => {
    const [program = '', ...rest] = compose ?? [];
    const env = { ...process.env, ...Object.fromEntries(filledIn), COMPOSE_PROFILES };
    const { stdout } = await run(program, [...rest, ...config, '--format', 'json'], { cwd, env });
    expect(Object.keys(answer.parse(JSON.parse(stdout)).services).sort()).toEqual([...always, ...expected].sort());
  });

  it('and says what is missing where nothing was filled in', async () => {
    const [program = '', ...rest] = compose ?? [];
    const env = { PATH: process.env.PATH ?? '', COMPOSE_DISABLE_ENV_FILE: 'true' };
    await expect(run(program, [...rest, ...config, '--quiet'], { cwd, env })).rejects.toThrow(
      'docker-compose.env.example',
    );
  });
});
