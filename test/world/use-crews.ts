import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from '@jest/globals';
import { type Answered, type CrewProcess, startCrewProcess } from './crew-process.ts';
import type { ProcessOptions } from './gateway-process.ts';
import { tokens, type World } from './world.ts';

/** How many workers the gateways of these tests have. */
export const workers = 3;

/** Any path that the world's admin may read. */
export const path = '/stripe/v1/customers';

/** Gateways of several workers in one world, each ended after its test. */
export function useCrews(world: World) {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-workers-'));
  const running: { stop(): Promise<unknown> }[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
    world.directus.feed.letIn();
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    /** Where `configure` puts gateway.yaml. */
    folder,
    /** Has something else ended after the test. */
    running,
    start: async (more: Record<string, string> = {}, options: ProcessOptions = {}): Promise<CrewProcess> => {
      const environment = { ...world.environment, SERVER_SHUTDOWN_TIMEOUT: '1s', ...more };
      const gateway = await startCrewProcess(workers, environment, options);
      running.push(gateway);
      await gateway.logged('"msg":"serving"', workers);
      return gateway;
    },
    /** As editors and mounted volumes do it: another file takes the place of the old one. */
    configure: (content: string): void => {
      const file = join(folder, 'gateway.yaml');
      writeFileSync(`${file}.new`, content);
      renameSync(`${file}.new`, file);
    },
    /** An answer that ends when the test says so. */
    openStream: async (gateway: CrewProcess) => {
      const rest = Promise.withResolvers<() => void>();
      world.stripe.answerWith((_request, response) => {
        response.write('first ');
        rest.resolve(() => response.end('last'));
      });
      const whole = gateway.ask(path, { token: tokens.admin }).then(
        ({ body }) => body,
        ({ code }) => code,
      );
      const end = await rest.promise;
      world.stripe.reset();
      return { whole, end };
    },
  };
}

export const statusesOf = (answers: readonly Answered[]) => answers.map(({ status }) => status);

/** This status of each worker. */
export const each = (status: number): number[] => Array(workers).fill(status);

/** What a gateway has logged, line by line. */
export const linesOf = (gateway: CrewProcess): { readonly [member: string]: unknown }[] =>
  gateway
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
