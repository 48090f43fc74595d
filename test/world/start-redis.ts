import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from '../../demo/free-port.ts';
import { findProgram } from './find-program.ts';
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

/** The server, and the libraries that hardly anything else needs; the others are there. */
const ofRedis = /^(redis-(server|tools)|lib(jemalloc|lua|luajit|lzf|hiredis|atomic)[\w.+-]*|lua-[\w.+-]*)$/;

export async function findRedis(): Promise<RedisHere> {
  const found = await findProgram({
    name: 'redis-server',
    path: '/usr/bin/redis-server',
    versionArgument: '--version',
    packages: ['redis-server'],
    wanted: ofRedis,
  });
  if ('missing' in found) return found;
  const { program, env } = found;
  return {
    start: async () => {
      const port = await freePort(undefined, 'the port of Redis');
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      const launch = () => spawn(program, settings, { env, stdio: 'ignore' });
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
