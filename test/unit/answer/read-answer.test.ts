import type { IncomingHttpHeaders } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { maxAnswerBytes, readAnswer } from '../../../src/answer/read-answer.ts';
import { incoming } from '../incoming.ts';
import { refusalIn } from '../refusal.ts';

const json = { 'content-type': 'application/json' };
const text = '{"id":"cus_1","name":"Grüße"}';
/** Valid JSON of exactly so many bytes. */
const jsonOf = (bytes: number): Buffer => Buffer.from(`"${'x'.repeat(bytes - 2)}"`);

describe('an upstream’s answer is read', () => {
  const answers: [string, IncomingHttpHeaders, (string | Buffer)[]][] = [
    ['as it is', json, [text]],
    ['with a charset', { 'content-type': 'Application/JSON; charset=utf-8' }, [text]],
    ['of a type that is written in JSON', { 'content-type': 'application/problem+json' }, [text]],
    ['in pieces that cut a character', json, [Buffer.from(text).subarray(0, 24), Buffer.from(text).subarray(24)]],
    ['that says it is not compressed', { ...json, 'content-encoding': 'identity' }, [text]],
    ['compressed with gzip', { ...json, 'content-encoding': 'gzip' }, [gzipSync(text)]],
    ['with gzip by its old name', { ...json, 'content-encoding': 'x-gzip' }, [gzipSync(text)]],
    ['with gzip in another case', { ...json, 'content-encoding': 'GZip' }, [gzipSync(text)]],
    ['with deflate', { ...json, 'content-encoding': 'deflate' }, [deflateSync(text)]],
    ['with Brotli', { ...json, 'content-encoding': 'br' }, [brotliCompressSync(text)]],
  ];
  it.each(answers)('%s', async (_how, headers, chunks) => {
    expect(await readAnswer(incoming(headers, ...chunks))).toEqual(JSON.parse(text));
  });

  it.each([
    [json],
    [{}],
    [{ 'content-type': 'text/html' }],
    [{ ...json, 'content-length': '0', 'content-encoding': 'br' }],
  ])('as undefined where it is empty: %j', async (headers) => {
    expect(await readAnswer(incoming(headers))).toBeUndefined();
  });

  it('when it is exactly as large as may be, compressed or not', async () => {
    const largest = jsonOf(maxAnswerBytes);
    expect(await readAnswer(incoming(json, largest))).toHaveLength(maxAnswerBytes - 2);
    const headers = { ...json, 'content-encoding': 'gzip' };
    expect(await readAnswer(incoming(headers, gzipSync(largest)))).toHaveLength(maxAnswerBytes - 2);
  });
});

describe('an upstream’s answer that cannot be cut is withheld, with the reason', () => {
  const tooLarge = `it is larger than ${maxAnswerBytes} bytes`;
  const bomb = jsonOf(5 * maxAnswerBytes);
  const answers: [string, IncomingHttpHeaders, (string | Buffer)[], string][] = [
    ['it has no type', {}, [text], 'it is not JSON'],
    ['it is a page', { 'content-type': 'text/html' }, [text], 'it is not JSON'],
    ['its type only ends alike', { 'content-type': 'application/notjson' }, [text], 'it is not JSON'],
    ['its type only begins alike', { 'content-type': 'application/jsonx' }, [text], 'it is not JSON'],
    ['JSON is named after another type', { 'content-type': 'text/csv, application/json' }, [text], 'it is not JSON'],
    ['its encoding is unknown', { ...json, 'content-encoding': 'zstd' }, [text], 'its encoding is not known'],
    ['it is compressed twice', { ...json, 'content-encoding': 'gzip, br' }, [text], 'its encoding is not known'],
    ['it is a byte too large', json, [jsonOf(maxAnswerBytes + 1)], tooLarge],
    ['it is too large when unpacked', { ...json, 'content-encoding': 'gzip' }, [gzipSync(bomb)], tooLarge],
    ['the same with deflate', { ...json, 'content-encoding': 'deflate' }, [deflateSync(bomb)], tooLarge],
    ['the same with Brotli', { ...json, 'content-encoding': 'br' }, [brotliCompressSync(bomb)], tooLarge],
    ['it is half an object', json, [text.slice(0, -1)], 'it is broken'],
    ['it is two objects', json, [text, text], 'it is broken'],
    ['it is not what it says', { ...json, 'content-encoding': 'gzip' }, [text], 'it is broken'],
    [
      'its archive is cut off',
      { ...json, 'content-encoding': 'gzip' },
      [gzipSync(text).subarray(0, -9)],
      'it is broken',
    ],
    ['it is compressed and does not say so', json, [gzipSync(text)], 'it is broken'],
  ];
  it.each(answers)('%s', async (_why, headers, chunks, reason) => {
    const refusal = await refusalIn(readAnswer(incoming(headers, ...chunks)));
    expect([refusal.code, refusal.extensions]).toEqual(['UPSTREAM_ANSWER_UNREADABLE', { reason }]);
    expect(refusal.message).not.toContain('cus_1');
  });

  it('it breaks off in the middle', async () => {
    const answer = incoming(json, text);
    answer.destroy(new Error('canary'));
    const refusal = await refusalIn(readAnswer(answer));
    expect(refusal.extensions).toEqual({ reason: 'it is broken' });
    expect(JSON.stringify(refusal.extensions) + refusal.message).not.toContain('canary');
  });
});
