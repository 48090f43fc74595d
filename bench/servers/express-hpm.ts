import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

// What one writes first: `node express-hpm.ts <port> <upstream>`. It checks nothing, and adds no credential.
const [port, target = ''] = process.argv.slice(2);
const kept = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
const agent = target.startsWith('https:') ? new TlsAgent(kept) : new Agent(kept);
const app = express();
app.use(createProxyMiddleware({ target, changeOrigin: true, agent }));
app.listen(Number(port), '127.0.0.1');
