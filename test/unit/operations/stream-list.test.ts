import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { streamList } from '../../../src/operations/stream-list.ts';

type Watch = { taken: number; closed: boolean; outcome: unknown };

/** Answers one request with these batches; an Error stands for a failure of the upstream. */
async function answered(
  batches: readonly (readonly unknown[] | Error)[],
  method = 'GET',
  cut?: (item: unknown) => unknown,
) {
  const watch: Watch = { taken: 0, closed: false, outcome: 'answered' };
  async function* list() {
    try {
      for (const batch of batches) {
        await Promise.resolve();
        watch.taken += 1;
        if (batch instanceof Error) throw batch;
        yield batch;
      }
    } finally {
      watch.closed = true;
    }
  }
  const settled = Promise.withResolvers<void>();
  const answer = async (response: ServerResponse) => {
    try {
      await streamList(list(), response, cut);
    } catch (error) {
      watch.outcome = error;
      if (!response.headersSent) response.writeHead(500).end('nothing was answered');
    } finally {
      settled.resolve();
    }
  };
  const server = createServer((_request, response) => void answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const received = await receive(server.address(), method);
    await settled.promise;
    return { ...received, watch };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function receive(address: AddressInfo | string | null, method: string) {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const request = get({ port: address.port, host: address.address, method, agent: false });
  const [answer]: IncomingMessage[] = await once(request, 'response').catch(() => []);
  if (answer === undefined) return { status: undefined, headers: {}, body: 'broken off' };
  const body = await text(answer).catch(() => 'broken off');
  return { status: answer.statusCode, headers: answer.headers, body };
}

describe('a caller gets a list as one JSON array', () => {
  const lists: [string, unknown[][], unknown[]][] = [
    ['of no page', [], []],
    ['of an empty page', [[]], []],
    ['of one page', [[1, { a: 2 }]], [1, { a: 2 }]],
    ['of several pages', [[1], [2, 3], [4]], [1, 2, 3, 4]],
    ['of pages of which some are empty', [[], [1], [], [2], []], [1, 2]],
  ];
  it.each(lists)('%s', async (_what, batches, expected) => {
    const { status, headers, body, watch } = await answered(batches);
    expect([status, JSON.parse(body)]).toEqual([200, expected]);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'private, no-store',
    });
    expect([watch.outcome, watch.closed]).toEqual(['answered', true]);
  });

  it('of what they may see of each item', async () => {
    const id = (item: unknown) => ({ id: Object(item).id });
    const { body } = await answered([[{ id: 1, name: 'canary' }], [{ id: 2, name: 'canary' }]], 'GET', id);
    expect(JSON.parse(body)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('of null where they may see nothing of an item, so that it stays JSON', async () => {
    const { body } = await answered([[1, 2], [3]], 'GET', () => undefined);
    expect(JSON.parse(body)).toHaveLength(3);
  });
});

describe('a caller is never shown a part for the whole', () => {
  it('when the first page fails nothing is answered, and the error can be told', async () => {
    const failure = new Error('down');
    const { status, body, watch } = await answered([failure]);
    expect([status, body, watch.outcome]).toEqual([500, 'nothing was answered', failure]);
  });

  it.each([
    ['the second page', [[1], new Error('down')]],
    ['a later one', [[1], [2], [3], new Error('down')]],
    ['one after empty pages', [[], [], new Error('down')]],
  ])('when %s fails the connection breaks', async (_which, batches) => {
    const { body, watch } = await answered(batches);
    expect([body, watch.closed]).toEqual(['broken off', true]);
    expect(watch.outcome).toBeInstanceOf(Error);
  });
});

it('a caller who asks for the head only costs one page', async () => {
  const { status, headers, body, watch } = await answered([[1], [2], [3]], 'HEAD');
  expect([status, body, headers['content-type']]).toEqual([200, '', 'application/json; charset=utf-8']);
  expect(watch).toEqual({ taken: 1, closed: true, outcome: 'answered' });
});
