import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../demo/free-port.ts';
import { directusAnswers, upstreamAnswer } from './answers.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import type { Cores } from './cores.ts';
import { nginxArguments, nginxFrame } from './nginx-frame.ts';
import { type RunningProcess, startProcess } from './start-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What a candidate asks: an upstream, and a stand-in for Directus. */
export type Surroundings = {
  readonly upstream: string;
  /** The same upstream over TLS, with the file of the certificate to trust. Undefined where none could be made. */
  readonly overTls: { readonly upstream: string; readonly certificate: string } | undefined;
  readonly directus: string;
  /** Of the process that is all of them. */
  readonly pid: number;
  stop(): Promise<void>;
};

/** One worker of nginx: it costs so little that it does not hold up what is measured. */
export async function startNginxSurroundings(nginx: string, cores: Cores): Promise<Surroundings> {
  const { folder, ports, files } = await prepare();
  await writeFile(join(folder, 'nginx.conf'), nginxConfig(folder, ports, files));
  const running = await startProcess({
    name: 'nginx',
    cores,
    place: 'surroundings',
    program: nginx,
    args: nginxArguments(folder),
    readyAt: addressOf(ports.upstream),
  });
  return surroundings(ports, files, running);
}

/** The same by Node, for a machine without nginx. */
export async function startNodeSurroundings(cores: Cores): Promise<Surroundings> {
  const { ports, files } = await prepare();
  const tls = files && { key: await readFile(files.key, 'utf8'), cert: await readFile(files.certificate, 'utf8') };
  const running = await startProcess({
    name: 'the upstream',
    cores,
    place: 'surroundings',
    program: process.execPath,
    args: [join(import.meta.dirname, 'servers/surroundings.ts'), JSON.stringify({ ...ports, tls })],
    readyAt: addressOf(ports.directus),
  });
  return surroundings(ports, files, running);
}

type Ports = { readonly upstream: number; readonly overTls: number; readonly directus: number };

async function prepare(): Promise<{ folder: string; ports: Ports; files: Certificate | undefined }> {
  const folder = await temporaryFolder('surroundings');
  return { folder, ports: await freePorts(), files: await makeCertificate(folder) };
}

async function freePorts(): Promise<Ports> {
  const ports = {
    upstream: await freePort(undefined, 'PORT'),
    overTls: await freePort(undefined, 'PORT'),
    directus: await freePort(undefined, 'PORT'),
  };
  return new Set(Object.values(ports)).size === 3 ? ports : freePorts();
}

function surroundings(ports: Ports, files: Certificate | undefined, { pid, stop }: RunningProcess): Surroundings {
  return {
    upstream: addressOf(ports.upstream),
    overTls: files && { upstream: `https://localhost:${ports.overTls}`, certificate: files.certificate },
    directus: addressOf(ports.directus),
    pid,
    stop,
  };
}

const addressOf = (port: number): string => `http://127.0.0.1:${port}`;

function nginxConfig(folder: string, ports: Ports, files: Certificate | undefined): string {
  const answers = Object.entries(directusAnswers).map(
    ([path, answer]) => `location = ${path} { return 200 '${answer}'; }`,
  );
  const everything = `location / { return 200 '${upstreamAnswer}'; }`;
  const overTls = files
    ? `  server { listen 127.0.0.1:${ports.overTls} ssl; ssl_certificate ${files.certificate}; ssl_certificate_key ${files.key}; ${everything} }\n`
    : '';
  return nginxFrame(
    folder,
    `  server { listen 127.0.0.1:${ports.upstream}; ${everything} }
${overTls}  server { listen 127.0.0.1:${ports.directus}; ${answers.join(' ')} location / { return 404; } }
`,
  );
}
