import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** A message as Node hands it over when its head has been read, with these chunks as its body. */
export function incoming(headers: IncomingHttpHeaders, ...chunks: readonly (string | Buffer)[]): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.headers = headers;
  for (const chunk of chunks) message.push(Buffer.from(chunk));
  message.push(null);
  return message;
}
