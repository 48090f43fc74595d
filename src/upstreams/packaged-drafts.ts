import { readdirSync, readFileSync } from 'node:fs';
import { readDeclaredFile } from './declared-file.ts';
import { asList, type Draft } from './draft.ts';

let drafts: ReadonlyMap<string, Draft> | undefined;

/** The upstreams that come with the gateway, one file each: read once, and only where a set-up is. */
export function packagedDrafts(): ReadonlyMap<string, Draft> {
  drafts ??= new Map(
    readdirSync(new URL('./packaged/', import.meta.url))
      .filter((fileName) => fileName.endsWith('.yaml'))
      .map((fileName) => draftOf(fileName.replace(/\.yaml$/, ''), fileName))
      .map((draft) => [draft.name, draft]),
  );
  return drafts;
}

function draftOf(name: string, fileName: string): Draft {
  const { content, locate } = readDeclaredFile(`packaged ${fileName}`, readPackaged(fileName));
  const members: Draft['members'] = Object(content);
  const both = (list: DerivedList) => [...asList(members[list]), ...derived(name, list)];
  return { name, members: { ...members, secrets: both('secrets'), resources: both('resources') }, locate };
}

type DerivedList = 'secrets' | 'resources';

/**
 * What is derived from the API's own description (scripts/derive-secrets.ts). Without the file nothing starts: a rule that
 * allows everything would open what answers with secrets.
 */
const derived = (name: string, list: DerivedList): readonly unknown[] =>
  JSON.parse(readPackaged(`${name}.${list}.json`))[list];

function readPackaged(fileName: string): string {
  return readFileSync(new URL(`./packaged/${fileName}`, import.meta.url), 'utf8');
}
