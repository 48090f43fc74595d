import { request as ask } from 'node:http';
import { type Answer, type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts';

/** Keeps every request and passes it on to an API that answers for real, whose answer goes back as it comes. */
export async function startTap(origin: string): Promise<RecordingUpstream> {
  const upstream = await startRecordingUpstream();
  upstream.answerWith(passOnTo(origin));
  return {
    ...upstream,
    reset: () => {
      upstream.reset();
      upstream.answerWith(passOnTo(origin));
    },
  };
}

/** Answers as another API does. */
export function passOnTo(origin: string): Answer {
  const { hostname, port } = new URL(origin);
  return ({ method = '', url: path = '', headers }, response, body) => {
    const onward = ask({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  };
}
