import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type Cores, pin } from './cores.ts';

/**
 * Runs a script of Node beside the upstream. It reads its order, JSON, from standard input.
 * @returns what it has written to standard output
 */
export async function runScript(cores: Cores, script: string, order: unknown): Promise<string> {
  const [program, args] = pin(cores, 'surroundings', process.execPath, [script]);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const forget = killedAtExit(child);
  child.stdin.end(JSON.stringify(order));
  const [told] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  forget();
  return told;
}

/** A child does not outlive this process. @returns for a child that has ended by itself */
export function killedAtExit(child: ChildProcess): () => void {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return () => process.off('exit', kill);
}
