import { execFile } from 'node:child_process';
import { findProgram } from './find-program.ts';

/** Prometheus' own checker. */
export const findPromtool = () =>
  findProgram({
    name: 'promtool',
    path: '/usr/bin/promtool',
    versionArgument: '--version',
    packages: ['prometheus'],
    wanted: /^prometheus$/,
  });

/** What it says, and its exit code. @param input what it reads */
export async function runPromtool(program: string, options: readonly string[], input = '') {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; said: string }>();
  const child = execFile(program, options, (error, out, err) => resolve({ code: error?.code ?? 0, said: out + err }));
  child.stdin?.end(input);
  return await promise;
}
