import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type GatewayProcess, type ProcessOptions, startGatewayProcess } from './gateway-process.ts';
import { as } from './use-world.ts';

export type Answered = { readonly status: number | undefined; readonly body: string; readonly id: string };

/** A gateway with several workers. */
export type CrewProcess = GatewayProcess & {
  /** Processes that have begun so far, without the first, which starts the others. */
  workerPids(): number[];
  /** Asks over a connection of its own, or over the agent's. */
  ask(path: string, more?: Asking): Promise<Answered>;
  /** Asks each worker that there is, one after the other, over a connection that is kept for it. */
  askEach(path: string, more?: Asking): Promise<Answered[]>;
  /** Has `askEach` find out anew which workers there are. */
  meet(): Promise<void>;
};

export type Asking = {
  /** GET when left out. */
  readonly method?: string;
  readonly token?: string;
  readonly from?: string;
  readonly agent?: Agent;
  /** Instead of those that bear the token. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** Each process tells its number as it begins. */
const tellsPid = `process.stdout.write('pid ' + process.pid + '\\n');`;

export async function startCrewProcess(
  workers: number,
  environment: Readonly<Record<string, string>>,
  { before = '', ...options }: ProcessOptions = {},
): Promise<CrewProcess> {
  const gateway = await startGatewayProcess(
    { ...environment, WORKERS: String(workers) },
    { ...options, before: tellsPid + before },
  );
  const ask = async (
    path: string,
    { method = 'GET', token = '', from, agent, headers: given = as(token) }: Asking = {},
  ): Promise<Answered> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const headers = { ...given, ...(from !== undefined && { 'X-Forwarded-For': from }) };
    const asked = request(`${gateway.url}${path}`, { method, agent: agent ?? false, headers });
    asked.on('error', reject).on('response', (answer) => {
      text(answer).then(
        (body) => resolve({ status: answer.statusCode, body, id: String(answer.headers['x-request-id']) }),
        reject,
      );
    });
    asked.end();
    return await promise;
  };
  let agents = new Map<string, Agent>();
  /** The system chooses who gets a connection, so that it takes some until each worker has one. */
  const meet = async (): Promise<void> => {
    for (const agent of agents.values()) agent.destroy();
    agents = new Map();
    while (agents.size < workers) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const { id } = await ask('/nowhere', { agent });
      await gateway.logged(id);
      const [, worker = ''] = new RegExp(`"worker":(\\d+),.*"requestId":"${id}"`).exec(gateway.log()) ?? [];
      if (agents.has(worker)) agent.destroy();
      else agents.set(worker, agent);
    }
  };
  return {
    ...gateway,
    workerPids: () =>
      [...gateway.log().matchAll(/^pid (\d+)$/gm)]
        .map(([, pid]) => Number(pid))
        .filter((pid) => pid !== gateway.child.pid),
    ask,
    meet,
    askEach: async (path, more) => {
      if (agents.size === 0) await meet();
      const answers: Answered[] = [];
      for (const agent of agents.values()) answers.push(await ask(path, { ...more, agent }));
      return answers;
    },
    stop: async () => {
      for (const agent of agents.values()) agent.destroy();
      await gateway.stop();
    },
  };
}
