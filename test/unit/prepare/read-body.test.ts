import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { mediaType, readBody } from '../../../src/prepare/read-body.ts';
import { CallerGone } from '../../../src/stream/caller-gone.ts';
import { sourceOf } from '../grants.ts';
import { incoming } from '../incoming.ts';
import { refusalIn } from '../refusal.ts';

describe('a caller’s body is read as text', () => {
  const bodies: [string, IncomingHttpHeaders, (string | Buffer)[], string][] = [
    ['in one piece', { 'content-length': '3' }, ['abc'], 'abc'],
    ['in pieces that cut a character', {}, [Buffer.from([0xc3]), Buffer.from([0xa4])], 'ä'],
    ['with nothing in it', {}, [], ''],
    ['exactly as large as may be', { 'content-length': '8' }, ['12345678'], '12345678'],
    ['with its byte order mark, which is the reader’s business', {}, ['\ufeff{}'], '\ufeff{}'],
    ['that says it is not compressed', { 'content-encoding': 'Identity' }, ['a'], 'a'],
    ['in UTF-8', { 'content-type': 'application/json; charset=UTF-8' }, ['a'], 'a'],
    ['in UTF-8, written otherwise', { 'content-type': 'text/x;a=b; charset = "utf8"' }, ['a'], 'a'],
  ];

  it.each(bodies)('%s', async (_what, headers, chunks, text) => {
    expect(await readBody(sourceOf(incoming(headers, ...chunks), 8))).toBe(text);
  });
});

describe('a caller’s body is refused', () => {
  const bodies: [string, IncomingHttpHeaders, (string | Buffer)[], string][] = [
    ['too large by its chunks', {}, ['12345', '6789'], 'CONTENT_TOO_LARGE'],
    ['larger than it says', { 'content-length': '1' }, ['123456789'], 'CONTENT_TOO_LARGE'],
    ['too large in bytes, though not in characters', {}, ['ääääa'], 'CONTENT_TOO_LARGE'],
    ['compressed', { 'content-encoding': 'gzip' }, ['a'], 'UNSUPPORTED_MEDIA_TYPE'],
    ['compressed twice', { 'content-encoding': 'identity, br' }, ['a'], 'UNSUPPORTED_MEDIA_TYPE'],
    ['in UTF-16', { 'content-type': 'text/x; charset=utf-16' }, ['a'], 'UNSUPPORTED_MEDIA_TYPE'],
    ['in Latin 1', { 'content-type': 'text/x;CHARSET="iso-8859-1"' }, ['a'], 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'in a charset that begins like UTF-8',
      { 'content-type': 'text/x;charset=utf-8x' },
      ['a'],
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['not in UTF-8', {}, [Buffer.from([0x61, 0xff])], 'INVALID_PAYLOAD'],
    ['with half a character at the end', {}, [Buffer.from([0xc3])], 'INVALID_PAYLOAD'],
    ['with a longer form of a character than need be', {}, [Buffer.from([0xc0, 0xaf])], 'INVALID_PAYLOAD'],
  ];

  it.each(bodies)('%s', async (_what, headers, chunks, code) => {
    expect((await refusalIn(readBody(sourceOf(incoming(headers, ...chunks), 8)))).code).toBe(code);
  });

  it('before any of it is read, where its head says that it is too large', async () => {
    const request = incoming({ 'content-length': '9' }, '123456789');
    expect((await refusalIn(readBody(sourceOf(request, 8)))).code).toBe('CONTENT_TOO_LARGE');
    expect(request.readableDidRead).toBe(false);
  });

  it('and a client that waits is not told to send it', async () => {
    const invited: string[] = [];
    const source = { request: incoming({ 'content-length': '9' }, '123456789'), invite: () => invited.push('invited') };
    await refusalIn(readBody({ ...source, maxBytes: 8 }));
    expect(invited).toEqual([]);
    await readBody({ ...source, maxBytes: 9 });
    expect(invited).toEqual(['invited']);
  });

  it('when the caller leaves in the middle, as what it is', async () => {
    const request = incoming({}, 'abc');
    request.destroy(new Error('gone'));
    await expect(readBody(sourceOf(request, 8))).rejects.toBeInstanceOf(CallerGone);
  });
});

describe('the type of a caller’s body', () => {
  const types: [string | undefined, string][] = [
    ['application/json', 'application/json'],
    ['Application/JSON ; charset=utf-8', 'application/json'],
    [' text/plain', 'text/plain'],
    ['application/json-patch+json', 'application/json-patch+json'],
    ['', ''],
    [';application/json', ''],
    [undefined, ''],
  ];

  it.each(types)('%j is %j', (contentType, type) => {
    expect(mediaType(contentType)).toBe(type);
  });
});
