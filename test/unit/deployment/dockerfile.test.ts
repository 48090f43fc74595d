import { describe, expect, it } from '@jest/globals';
import { isInProject, readProjectFile } from './project-file.ts';

type Instruction = { readonly word: string; readonly rest: string };

const instructions = readProjectFile('Dockerfile')
  .replaceAll(/^\s*#.*\n/gm, '')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line): Instruction => {
    const { word = '', rest = '' } = /^(?<word>[A-Z]+)\s+(?<rest>.*)$/.exec(line)?.groups ?? {};
    return { word, rest };
  });

const all = (word: string): string[] => instructions.filter((one) => one.word === word).map(({ rest }) => rest);
const final = instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));
const inFinal = (word: string): string[] => final.filter((one) => one.word === word).map(({ rest }) => rest);
const stages = all('FROM').flatMap((from) => / AS (\w+)$/.exec(from)?.slice(1) ?? []);

const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(readProjectFile('package.json'));
const ignore = readProjectFile('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

describe('Dockerfile', () => {
  it('starts from the Node that the project is tested with, by its full version', () => {
    const images = all('FROM')
      .map((from) => from.split(' ')[0] ?? '')
      .filter((image) => image !== 'scratch' && !stages.includes(image));
    expect(new Set(images)).toEqual(new Set([`node:${devDependencies.node}-slim`]));
  });

  const sources = all('COPY')
    .filter((copy) => !copy.startsWith('--from='))
    .flatMap((copy) => copy.split(/\s+/).slice(0, -1));

  it.each(sources)('copies %s, which exists and which .dockerignore lets through', (source) => {
    expect(isInProject(source)).toBe(true);
    expect(ignore).toContain(`!${source}`);
  });

  it('is sent only what it copies: no .env, no key, no history', () => {
    expect(ignore[0]).toBe('*');
    expect(ignore.slice(1).sort()).toEqual(sources.map((source) => `!${source}`).sort());
  });

  it('copies from stages that there are', () => {
    const from = all('COPY').flatMap((copy) => /^--from=(\w+)/.exec(copy)?.slice(1) ?? []);
    expect(stages).toEqual(expect.arrayContaining(from));
  });

  it('ships no shell, no npm and no package manager: what Node needs, and nothing of the base besides', () => {
    expect(final[0]?.rest).toBe('scratch');
    expect(inFinal('COPY').map((copy) => copy.split(' ')[0])).not.toContain('--from=base');
    expect(inFinal('RUN')).toEqual([]);
  });

  it('ships the packages that were installed without development dependencies', () => {
    expect(inFinal('COPY')).toContain('--from=production /app/node_modules ./node_modules');
    const production = instructions.findIndex(({ rest }) => rest.endsWith(' AS production'));
    expect(instructions[production + 1]?.rest).toMatch(/^npm ci --omit=dev /);
  });

  it('runs as a user that is not root, by number, so that an orchestrator can tell', () => {
    expect(inFinal('USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
  });

  it('makes the gateway the first process, without a shell that would keep SIGTERM from it', () => {
    expect(inFinal('CMD').map((command) => JSON.parse(command))).toEqual([['node', 'dist/main.js']]);
    expect(inFinal('ENTRYPOINT')).toEqual([]);
  });

  it('is healthy while the gateway answers, whether or not Directus does', () => {
    const command = /CMD (?<command>\[.*\])$/.exec(inFinal('HEALTHCHECK')[0] ?? '')?.groups?.command ?? '';
    const [node, flag, script] = JSON.parse(command);
    expect([node, flag]).toEqual(['node', '--eval']);
    expect(script).toContain('/server/ping');
  });
});
