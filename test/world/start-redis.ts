import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from '../../demo/free-port.ts';
import { installRedis } from './install-redis.ts';
import { poll } from './poll.ts';

/** A real Redis, to be killed and hung. It keeps nothing on disk. */
export type RunningRedis = {
  readonly url: string;
  /** Ends it at once, as a machine does that loses power. */
  kill(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  start(): Promise<void>;
  /** Takes connections and questions, and answers nothing. */
  hang(): void;
  goOn(): void;
  stop(): Promise<void>;
};

/** What starts one, or why there is none. */
export type RedisHere = { readonly start: () => Promise<RunningRedis> } | { readonly missing: string };

export async function findRedis(): Promise<RedisHere> {
  const installed = await installRedis();
  if ('missing' in installed) return installed;
  const { command, environment } = installed;
  return {
    start: async () => {
      const port = await freePort(undefined, 'the port of Redis');
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      const launch = () => spawn(command, settings, { env: { ...process.env, ...environment }, stdio: 'ignore' });
      let child = launch();
      await answers(port);
      const kill = async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      };
      return {
        url: `redis://127.0.0.1:${port}`,
        kill,
        start: async () => {
          child = launch();
          await answers(port);
        },
        hang: () => child.kill('SIGSTOP'),
        goOn: () => child.kill('SIGCONT'),
        stop: kill,
      };
    },
  };
}

const answers = (port: number): Promise<void> => poll('Redis answers', () => isPonged(port));

const isPonged = (port: number): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
  socket.on('error', () => resolve(false));
  socket.on('data', (answer) => {
    resolve(String(answer).startsWith('+PONG'));
    socket.destroy();
  });
  return promise;
};
