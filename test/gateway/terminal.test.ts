import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { freePort } from '../../demo/free-port.ts';
import { spawnGateway } from '../world/gateway-process.ts';
import { findScript, startInTerminal } from '../world/in-terminal.ts';
import { runCommand } from '../world/run-command.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const here = await findScript();
const [suite, why] = here.missing ? [describe.skip, ` (left out: ${here.missing})`] : [describe, ''];
const sides = ['upstreams', 'permissions', 'limits', 'browser', 'operation'];

/** As a terminal names itself, whether or not there is one. */
const surroundings = { ...world.environment, TERM: 'xterm' };
const explain = ['explain', 'GET', '/stripe/payments', '--token', tokens.reader];

/** Directus says nothing until then, from when it is asked. */
const holdDirectus = (until: () => Promise<unknown>): void =>
  world.directus.answerWith((request, response) => {
    until().then(
      () => world.directus.answerAsDirectus(request, response),
      () => response.destroy(),
    );
  });

suite(`an operator at a terminal who has set no LOG_STYLE${why}`, () => {
  const start = async (...words: string[]) => {
    const PORT = String(await freePort(undefined, 'PORT'));
    return stopLater(startInTerminal({ ...surroundings, HOST: '127.0.0.1', PORT }, ...words));
  };

  it('reads lines in colour, five of them on what is on and off, and stops the gateway with Ctrl+C', async () => {
    const gateway = await start();
    await gateway.shown('operation:');
    await gateway.interrupt();

    const lines = gateway.screen().split('\r\n');
    const coloured = lines.flatMap((line) => /^\S+ ESC\[32mINFOESC\[39m: ESC\[36m(.*)$/.exec(line)?.[1] ?? []);
    expect(coloured[0]).toMatch(/^listening on 127\.0\.0\.1:\d+ESC\[39m$/);
    expect(coloured.slice(1, 6).map((text) => /^(\w+): /.exec(text)?.[1])).toEqual(sides);
    expect(coloured[5]).toMatch(/; log info, prettyESC\[39m$/);
    expect(coloured.at(-1)).toMatch(/^stopped/);
    expect(gateway.screen()).not.toContain('{"level"');
  });

  it('sees what a command waits for, and it is wiped away before the answer', async () => {
    const command = await start(...explain);
    holdDirectus(() => command.shown('…'));
    await command.ended;

    const [before, ...after] = command.screen().split('ESC[K');
    expect(before).toBe('Asking Directus …\r');
    expect(after.join('')).toMatch(/^GET \/stripe\/payments is allowed\r\n/);
  });
});

describe('a machine that reads from a pipe', () => {
  it('gets JSON on each line, without a LOG_STYLE', async () => {
    const gateway = stopLater(await spawnGateway(surroundings));
    await gateway.logged('operation');
    gateway.child.kill('SIGTERM');
    await gateway.ended;

    const lines = gateway.log().trimEnd().split('\n');
    const told = lines.map((line): Readonly<Record<string, unknown>> => JSON.parse(line)).map(({ msg }) => msg);
    expect(told.slice(0, 6)).toEqual(['listening', ...sides]);
    expect(told.at(-1)).toBe('stopped');
  });

  it('gets nothing of what a command waits for, however long that takes', async () => {
    holdDirectus(() => sleep(600));
    const { code, out, err } = await runCommand(surroundings, ...explain);

    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^GET \/stripe\/payments is allowed\n/);
  });
});
