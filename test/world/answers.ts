import type { ServerResponse } from 'node:http';

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

/** An error in Directus' form. */
export const refuse = (response: ServerResponse, status: number, code: string, message: string): void =>
  json(response, status, { errors: [{ message, extensions: { code } }] });

export const forbid = (response: ServerResponse): void =>
  refuse(response, 403, 'FORBIDDEN', "You don't have permission to access this.");
