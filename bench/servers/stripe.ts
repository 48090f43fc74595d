import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pageSize, payments } from '../payments.ts';

// A stand-in for Stripe with payments only: `node stripe.ts <port>`. `/stand-in?pages=200&latencyMs=20` says how many
// pages there are from now on, and how long it takes over each. They are made beforehand: it is not what is measured.
const most = 200;
const readyMade = Array.from({ length: most }, (_, page) => JSON.stringify(payments(page * pageSize, pageSize)));
let pages = most;
let latencyMs = 0;

createServer({ keepAliveTimeout: 600_000 }, async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://stand-in');
  if (pathname === '/stand-in') {
    pages = Number(searchParams.get('pages'));
    latencyMs = Number(searchParams.get('latencyMs'));
    response.end();
    return;
  }
  const after = searchParams.get('starting_after');
  const page = after === null ? 0 : (Number(after.slice('pi_'.length)) + 1) / pageSize;
  if (latencyMs > 0) await sleep(latencyMs);
  response
    .setHeader('Content-Type', 'application/json')
    .end(`{"object":"list","data":${readyMade[page]},"has_more":${page + 1 < pages},"url":"/v1/payment_intents"}`);
}).listen(Number(process.argv[2]), '127.0.0.1');
