import { describe, expect, it } from '@jest/globals';
import { ask, statusOf } from '../world/dial.ts';
import { useWorld } from '../world/use-world.ts';
import { bodyOf, verdict } from '../world/verdict.ts';
import { tokens } from '../world/world.ts';

/** The caller may send `email` alone; every case tries to have the upstream read something else, too. */
const world = await useWorld();
const token = 'canaryTokenEmailOnly';
const create = { access: 'full', fields: ['email', 'metadata.note'], presets: { description: 'forced' } };
world.directus.users.set(token, { id: 'user-email', permissions: { customers: { create } } });

const formType = 'application/x-www-form-urlencoded';
const send = (body: string | Buffer, type: string, bearer = token, target = '/stripe/v1/customers') =>
  ask(
    world.gateway.port,
    [
      `POST ${target} HTTP/1.1`,
      `Authorization: Bearer ${bearer}`,
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ],
    typeof body === 'string' ? Buffer.from(body) : body,
  );
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('a form that two readers could take for two things is refused: nothing reaches the upstream', () => {
  const forms: [string, string | Buffer, string, string][] = [
    ['invalid UTF-8', bytes('email=', [0xff, 0xfe]), formType, 'RFC 3629, section 10'],
    ['overlong NUL', bytes('email=', [0xc0, 0x80]), formType, 'RFC 3629, section 10'],
    ['overlong "&"', bytes('email=a', [0xc0, 0xa6], 'name=b'), formType, 'RFC 3629, section 10'],
    ['overlong "&" in escapes', 'email=a%C0%A6name=b', formType, 'CWE-176'],
    ['a surrogate in UTF-8 (CESU-8)', bytes('email=', [0xed, 0xa0, 0x80]), formType, 'RFC 3629, section 3'],
    ['a surrogate in escapes', 'email=%ED%A0%80', formType, 'RFC 3629, section 3'],
    ['a byte order mark before the name', bytes([0xef, 0xbb, 0xbf], 'email=a'), formType, 'WHATWG Encoding'],
    ['UTF-16', Buffer.from('email=a', 'utf16le'), formType, 'ours'],
    ['UTF-16 by its charset', Buffer.from('email=a', 'utf16le'), `${formType}; charset=utf-16`, 'CWE-173'],
    ['UTF-7 by its charset', '+AG4-ame=b', `${formType}; charset=utf-7`, 'CWE-173'],
    ['a charset of IBM’s (WAF bypass)', 'email=a', `${formType}; charset=ibm037`, 'CWE-173'],
    ['two charsets', 'email=a', `${formType}; charset=utf-16; charset=utf-8`, 'ours'],
    ['_charset_', 'email=a&_charset_=utf-16', formType, 'WHATWG HTML, section 4.10.18.5'],
    ['a bare %', 'email=a&%=b', formType, 'WHATWG URL, section 1.3'],
    ['%u escapes', 'email=a&%u006eame=b', formType, 'CWE-177'],
    ['one name twice', 'email=a&email=b', formType, 'CWE-235'],
    ['one name twice, once encoded', 'email=a&%65mail=b', formType, 'CWE-177'],
    ['a semicolon as separator', 'email=a;name=b', formType, 'CVE-2021-23336'],
    ['a dot that PHP makes an underscore of', 'email=a&metadata.note=b', formType, 'php.net/variables.external'],
    ['a space that PHP makes an underscore of', 'email=a&+name=b', formType, 'php.net/variables.external'],
    ['NUL in a name', 'email=a&name%00=b', formType, 'CWE-158'],
    ['an open bracket', 'email=a&name[=b', formType, 'php.net/variables.external'],
    ['nested brackets', 'email=a&metadata[[note]]=b', formType, 'ours'],
    ['what follows a bracket', 'email=a&metadata[note]x=b', formType, 'Rack, parse_nested_query'],
    ['a list within a list, left open', 'email=a&metadata[][note]=b', formType, 'Rack, parse_nested_query'],
    ['a value that is an object, too', 'email=a&email[x]=b', formType, 'Rack, parse_nested_query'],
    ['an unlisted name, in another width', `email=a&${encodeURIComponent('ｎame')}=b`, formType, 'Unicode TR 36'],
    ['an unlisted name, plainly', 'email=a&name=b', formType, 'ours'],
    ['the preset, again', 'email=a&description=mine', formType, 'ours'],
    ['__proto__', 'email=a&__proto__[name]=b', formType, 'CWE-1321'],
    ['a form, declared as text', 'email=a&name=b', 'text/plain', 'ours'],
    ['a form, declared as JSON', 'email=a&name=b', 'application/json', 'CWE-436'],
    [
      'a form of parts',
      '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nb\r\n--x--',
      'multipart/form-data; boundary=x',
      'RFC 7578',
    ],
    ['two types in one header', 'email=a&name=b', `application/json, ${formType}`, 'RFC 9110, section 5.3'],
    ['XML', '<name>b</name>', 'application/xml', 'ours'],
  ];
  it.each(forms)('%s', async (_what, body, type) => {
    const received = await send(body, type);
    expect([400, 403, 415]).toContain(statusOf(received));
    expect(bodyOf(received)).toHaveProperty('errors');
    expect(world.stripe.wire.received()).toBe('');
  });

  it.each(['gzip', 'deflate', 'br', 'identity, gzip', 'x-gzip'])('compressed by %s', async (encoding) => {
    const lines = [
      'POST /stripe/v1/customers HTTP/1.1',
      `Authorization: Bearer ${token}`,
      `Content-Type: ${formType}`,
      'Content-Length: 6',
      `Content-Encoding: ${encoding}`,
    ];
    expect(verdict(await ask(world.gateway.port, lines, 'name=b'))).toBe('415 UNSUPPORTED_MEDIA_TYPE');
    expect(world.stripe.wire.received()).toBe('');
  });
});

describe('JSON that another parser reads otherwise is sent as the gateway has read it, or refused', () => {
  const deep = `${'{"metadata":'.repeat(21)}1${'}'.repeat(21)}`;
  const refused: [string, string, string][] = [
    ['an unlisted name in escapes', '{"email":"a","\\u006eame":"b"}', 'RFC 8259, section 7'],
    ['__proto__', '{"email":"a","__proto__":{"name":"b"}}', 'CWE-1321'],
    ['constructor', '{"email":"a","constructor":{"prototype":{"name":"b"}}}', 'CWE-1321'],
    ['a number beyond 2^53', '{"email":9007199254740993}', 'RFC 8259, section 6'],
    ['an exponent', '{"email":1e400}', 'RFC 8259, section 6'],
    ['half a surrogate pair', '{"email":"\\ud800"}', 'RFC 8259, section 8.2'],
    ['half a surrogate pair in a name', '{"email":"a","metadata":{"\\udc00":"b"}}', 'RFC 8259, section 8.2'],
    ['a byte order mark', '\ufeff{"email":"a"}', 'RFC 8259, section 8.1'],
    ['a list', '[{"email":"a"}]', 'ours'],
    ['a list of pairs', '[["name","b"]]', 'ours'],
    ['null', 'null', 'ours'],
    ['a comment', '{"email":"a"/*,"name":"b"*/}', 'RFC 8259, section 2'],
    ['NaN', '{"email":NaN}', 'RFC 8259, section 6'],
    ['two texts', '{"email":"a"}{"name":"b"}', 'RFC 8259, section 2'],
    ['deeper than anything has', deep, 'RFC 8259, section 9'],
    ['brackets in a name', '{"email":"a","metadata[x]":"b"}', 'ours'],
    ['"&" in a name', '{"email":"a","x&name":"b"}', 'ours'],
  ];
  it.each(refused)('refused: %s', async (_what, body) => {
    expect([400, 403]).toContain(statusOf(await send(body, 'application/json')));
    expect(world.stripe.wire.received()).toBe('');
  });

  const kept: [string, string, string, string][] = [
    [
      'one name twice: the last, which is what was weighed',
      '{"email":"a","email":"b"}',
      'email=b&description=forced',
      'RFC 8259, section 4',
    ],
    ['"&" in a value', '{"email":"a&name=b"}', 'email=a%26name%3Db&description=forced', 'CWE-88'],
    ['"+" in a value', '{"email":"a+b@c.test"}', 'email=a%2Bb%40c.test&description=forced', 'WHATWG URL, section 5.2'],
    ['a line break in a value', '{"email":"a\\r\\nX: b"}', 'email=a%0D%0AX%3A+b&description=forced', 'CWE-93'],
    ['NUL in a value', '{"email":"a\\u0000b"}', 'email=a%00b&description=forced', 'CWE-158'],
  ];
  it.each(kept)('kept: %s', async (_what, body, expected) => {
    expect(statusOf(await send(body, 'application/json'))).toBe(200);
    expect(world.stripe.seen.map((seen) => seen.body)).toEqual([expected]);
  });

  it.each([['email=a%20b'], ['email=a+b'], ['email=%E2%82%AC'], ['metadata%5Bnote%5D=b']])(
    'a form is sent byte for byte: %s',
    async (body) => {
      expect(statusOf(await send(body, formType))).toBe(200);
      expect(world.stripe.seen.map((seen) => seen.body)).toEqual([`${body}&description=forced`]);
    },
  );

  it('and nobody’s prototype has changed', async () => {
    await send(
      '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}',
      'application/json',
      tokens.admin,
    );
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});
