import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/config/secret.ts';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { createLogger, describeError } from '../../../src/log/logger.ts';

const withMembers = (error: Error, members: object): Error => Object.assign(error, members);

describe('an administrator reads of an error in the log', () => {
  const errors: [string, unknown, unknown][] = [
    ['its name and message', new TypeError('x'), { type: 'TypeError', message: 'x' }],
    [
      'its code',
      withMembers(new Error('x'), { code: 'ECONNRESET' }),
      { type: 'Error', message: 'x', code: 'ECONNRESET' },
    ],
    [
      'its causes',
      new GatewayError('UPSTREAM_UNREACHABLE', { cause: new Error('b', { cause: new RangeError('c') }) }),
      {
        type: 'GatewayError',
        message: 'The upstream could not be reached or broke off before it answered.',
        code: 'UPSTREAM_UNREACHABLE',
        cause: { type: 'Error', message: 'b', cause: { type: 'RangeError', message: 'c' } },
      },
    ],
    [
      'nothing of a cause that is no error',
      new Error('x', { cause: { token: 'canary' } }),
      { type: 'Error', message: 'x' },
    ],
    ['nothing of what is no error', { message: 'canary' }, undefined],
    ['nothing of text', 'canary', undefined],
    ['nothing of nothing', undefined, undefined],
  ];
  it.each(errors)('%s', (_what, error, described) => {
    expect(describeError(error)).toEqual(described);
  });

  it('not the whole of an endless chain of causes', () => {
    const error = new Error('a');
    error.cause = new Error('b', { cause: error });
    expect(JSON.stringify(describeError(error))).toContain('"b"');
  });
});

describe('an error’s other members never reach the log, since they may hold requests, answers and headers', () => {
  const members: [string, object][] = [
    ['headers', { headers: { authorization: 'canary' } }],
    ['a request', { request: { url: '/x?access_token=canary' } }],
    ['a body', { body: 'canary', raw: { message: 'canary' } }],
    ['a list of errors', { errors: [new Error('canary')] }],
    ['a stack', { stack: 'Error: x\n at canary' }],
    ['a form of its own', { toJSON: () => 'canary' }],
    ['a code that is no code', { code: { token: 'canary' } }],
  ];
  const lineOf = (error: Error): string => {
    let line = '';
    const destination = {
      write: (text: string) => {
        line += text;
      },
    };
    createLogger({ level: 'info' }, destination).warn({ err: error }, 'said');
    return line;
  };

  it.each(members)('%s', (_what, given) => {
    const line = lineOf(new Error('outer', { cause: withMembers(new Error('inner'), given) }));
    expect(line).toContain('"inner"');
    expect(line).not.toContain('canary');
    expect(lineOf(withMembers(new Error('outer'), given))).not.toContain('canary');
  });

  it('nor does a secret that is logged by mistake', () => {
    let line = '';
    const destination = {
      write: (text: string) => {
        line += text;
      },
    };
    const secret = new Secret('canary', 'https://api.stripe.com');
    createLogger({ level: 'info' }, destination).info({ secret, deep: [{ secret }] }, `${secret}`);
    expect(line).toContain('[secret]');
    expect(line).not.toContain('canary');
  });
});
