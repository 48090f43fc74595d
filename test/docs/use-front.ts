import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach } from '@jest/globals';
import { makeCertificate } from '../../bench/certificate.ts';
import { createCollections } from '../../demo/directus/collections.ts';
import { type RunningDirectus, startDirectus } from '../../demo/directus/start.ts';
import { freePort } from '../../demo/free-port.ts';
import type { Program } from '../world/find-program.ts';
import { startGatewayProcess } from '../world/gateway-process.ts';
import { installationMs, quickLogin } from '../world/live-world.ts';
import { poll } from '../world/poll.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { useStops } from '../world/use-stops.ts';
import { readPage } from './read-page.ts';
import { type Ran, runPage } from './run-page.ts';

/** Where a program that stands in front listens, and what it finds there. */
export type Site = {
  readonly folder: string;
  readonly port: number;
  readonly gateway: string;
  readonly certificate: string;
  readonly key: string;
};

export type FrontProgram = {
  /** The recipe that holds its configuration. */
  readonly page: string;
  readonly found: Program;
  /** Addresses and files of the configuration, and what this machine has in their place. */
  readonly replace: (site: Site) => Record<string, string>;
  /** Files that the configuration is part of on a machine, by name. */
  readonly around?: (site: Site) => Record<string, string>;
  readonly args: (folder: string) => string[];
};

export type Front = {
  readonly port: number;
  /** Of its certificate, which signs itself. */
  readonly certificate: string;
  readonly directus: RunningDirectus;
  /** Behind the gateway as `/api/…`, for whoever may do it to `customers`. */
  readonly api: RecordingUpstream;
  /** Runs the commands of its recipe. */
  follow(userToken: string): Promise<readonly Ran[]>;
};

const declared = (origin: string): string => `
upstreams:
  api:
    origin: ${origin}
    plaintext: loopback
    rules: [{ path: /*, collection: customers }]
`;

/** A program in front of a real gateway, which is the front door of a real Directus, all set up as a recipe says. */
export function useFront({ page, found, replace, around = () => ({}), args }: FrontProgram): () => Front {
  const stopLater = useStops();
  let front: Front | undefined;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'front-'));
    stopLater({ stop: () => rm(folder, { recursive: true }) });
    const { certificate, key } = (await makeCertificate(folder)) ?? { certificate: '', key: '' };
    const [port, gatewayPort] = [await freePort(undefined, 'PORT'), await freePort(undefined, 'PORT')];
    const site: Site = { folder, port, gateway: `127.0.0.1:${gatewayPort}`, certificate, key };
    const url = `https://127.0.0.1:${port}`;

    const env = { ...quickLogin, IP_TRUST_PROXY: '127.0.0.1', PUBLIC_URL: url };
    const directus = stopLater(await startDirectus({ version: '11.17.4', env }));
    await createCollections(directus);
    const api = stopLater(await startRecordingUpstream());

    const blocks = readPage(page);
    const reader = { folder, own: { PUBLIC_URL: url } };
    await runPage(
      blocks.filter(({ language }) => language !== 'sh'),
      { ...reader, replace: replace(site), environment: {} },
    );
    await writeFile(join(folder, 'gateway.yaml'), declared(api.origin));
    for (const [name, text] of Object.entries(around(site))) await writeFile(join(folder, name), text);
    stopLater(await startGatewayProcess({ DIRECTUS_URL: directus.url }, { cwd: folder, port: gatewayPort }));
    stopLater(await startProgram(found, args(folder), site));

    const follow = async (userToken: string) => {
      const environment = { SITE: url, CURL_CA_BUNDLE: certificate, DIRECTUS_USER_TOKEN: userToken };
      const commands = blocks.filter(({ language }) => language === 'sh');
      return stopLater(await runPage(commands, { ...reader, environment })).ran;
    };
    front = { port, certificate: await readFile(certificate, 'utf8'), directus, api, follow };
  }, installationMs);
  beforeEach(() => front?.api.reset());
  return () => {
    if (front === undefined) throw new Error('Nothing stands in front yet.');
    return front;
  };
}

async function startProgram({ program, env }: Program, args: readonly string[], { folder, port }: Site) {
  const child = spawn(program, args, { cwd: folder, env: { ...env, HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  const closed = once(child, 'close');
  const answers = async () => {
    if (child.exitCode !== null) throw new Error(`${program} has ended: ${said}`);
    return await isListenedOn(port);
  };
  await poll(`${program} listens`, answers);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** By a connection: to listen there for a moment would be in the way of who is about to. */
function isListenedOn(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
