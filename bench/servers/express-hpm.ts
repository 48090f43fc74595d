import { Agent } from 'node:http';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

// What one writes first: `node express-hpm.ts <port> <upstream>`. It checks nothing, and adds no credential.
const [port, target = ''] = process.argv.slice(2);
const app = express();
app.use(
  createProxyMiddleware({
    target,
    changeOrigin: true,
    agent: new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }),
  }),
);
app.listen(Number(port), '127.0.0.1');
