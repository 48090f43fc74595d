import type { Member } from './description.ts';

type Imports = ReadonlyMap<string, { readonly file: string; readonly name: string }>;
type Found = { readonly name: string; readonly comment: string; readonly optional: boolean; readonly type: string };

/**
 * Reads the interfaces of generated declaration files, whose layout is regular: one member a line, four spaces a level.
 * @param texts by file, relative to one folder
 * @param locate the file that one file imports, relative to the same folder
 * @returns the members by `file#Name.Of.Type`, and what finds the types that a piece of a file speaks of
 */
export function readDeclarations(texts: ReadonlyMap<string, string>, locate: (from: string, to: string) => string) {
  const found = new Map([...texts].map(([file, text]) => [file, interfacesOf(text)]));
  const imports = new Map([...texts].map(([file, text]) => [file, importsOf(text, (to) => locate(file, to))]));
  const has = (file: string, name: string) => found.get(file)?.has(name) === true;

  const find = (file: string, scope: readonly string[], name: string): string | undefined => {
    for (let depth = scope.length; depth >= 0; depth -= 1) {
      const inner = [...scope.slice(0, depth), name].join('.');
      if (has(file, inner)) return `${file}#${inner}`;
    }
    const [first = '', ...rest] = name.replace(/^Stripe\./, '').split('.');
    const imported = imports.get(file)?.get(first);
    if (imported !== undefined && imported.name !== '*') {
      const target = [imported.name, ...rest].join('.');
      if (has(imported.file, target)) return `${imported.file}#${target}`;
    }
    const folder = imported?.name === '*' ? imported.file.replace(/index\.d\.ts$/, '') : `${first}/`;
    const inside = [...found.keys()].find((each) => each.startsWith(folder) && has(each, rest.join('.')));
    return inside === undefined ? undefined : `${inside}#${rest.join('.')}`;
  };
  const typesIn = (file: string, scope: readonly string[], text: string): string[] => {
    const names = text.replaceAll(/'[^']*'/g, '').match(/\b[A-Z]\w*(\.\w+)*/g) ?? [];
    return names.flatMap((name) => find(file, scope, name) ?? []);
  };

  const types = new Map<string, readonly Member[]>();
  for (const [file, interfaces] of found) {
    for (const [name, members] of interfaces) {
      types.set(
        `${file}#${name}`,
        members.map(
          (member): Member => ({
            name: member.name,
            comment: member.comment,
            isText: /\bstring\b(?! \| [A-Z])/.test(member.type),
            types: typesIn(file, name.split('.'), member.type),
            expandable: /\bstring \| [A-Z]/.test(member.type) || (member.optional && member.type.includes('ApiList<')),
          }),
        ),
      );
    }
  }
  return { types, resolve: (file: string, text: string) => typesIn(file, [], text) };
}

function importsOf(text: string, locate: (to: string) => string): Imports {
  const lines = [...text.matchAll(/^import (?:\* as (\w+)|\{ (.*) \}) from '(\..*)\.js';$/gm)];
  return new Map(
    lines.flatMap(([, all, names = '', to = '']) => {
      const file = locate(`${to}.d.ts`);
      if (all !== undefined) return [[all, { file, name: '*' }] as const];
      return names.split(', ').map((each) => {
        const [name = '', alias = name] = each.split(' as ');
        return [alias, { file, name }] as const;
      });
    }),
  );
}

/** Members by the name of their interface; a type alias is one with a single member without a name. */
function interfacesOf(text: string): Map<string, Found[]> {
  const interfaces = new Map<string, Found[]>();
  const scope: string[] = [];
  let comment = '';
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const code = line.trim();
    if (code.startsWith('/**')) comment = '';
    else if (code.startsWith('*')) comment += code.replace(/^\*\/?/, '');
    else {
      read(code, (line.length - line.trimStart().length) / 4, (first) => statement(lines, index, first));
      comment = '';
    }
  }
  return interfaces;

  function read(code: string, depth: number, whole: (first: string) => string): void {
    const at = scope.slice(0, depth);
    const [, opened] = /^(?:export )?(?:declare )?(?:namespace|interface|class) (\w+)/.exec(code) ?? [];
    if (opened !== undefined) {
      scope.splice(depth, scope.length, opened);
      if (code.includes('interface ')) interfaces.set([...at, opened].join('.'), []);
      return;
    }
    const [, alias, aliased = ''] = /^(?:export )?(?:declare )?type (\w+) =(.*)$/.exec(code) ?? [];
    if (alias !== undefined) {
      interfaces.set([...at, alias].join('.'), [{ name: '', comment: '', optional: false, type: whole(aliased) }]);
      return;
    }
    const [, name, mark, type = ''] = /^'?(\w+)'?(\??): (.*)$/.exec(code) ?? [];
    if (name === undefined) return;
    interfaces.get(at.join('.'))?.push({ name, comment, optional: mark === '?', type: whole(type) });
  }
}

/** The rest of a declaration that goes on over several lines. */
function statement(lines: readonly string[], index: number, first: string): string {
  if (first.endsWith(';')) return first;
  const end = lines.findIndex((line, at) => at > index && /^ *(\}.*|.*[^ *].*);$/.test(line) && !line.includes('* '));
  return [first, ...lines.slice(index + 1, end + 1)].join(' ');
}
