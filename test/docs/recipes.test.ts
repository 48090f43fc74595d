import { describe, expect, it } from '@jest/globals';
import { installationMs } from '../world/live-world.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { useStops } from '../world/use-stops.ts';
import { asShown } from './as-shown.ts';
import { type Block, type Mark, readPage } from './read-page.ts';
import { useReader } from './use-reader.ts';

describe.each(['stripe', 'twilio', 'session-cookies'])(
  'whoever follows the recipe %s after the quick start',
  (name) => {
    const reader = useReader();

    it(
      'sees what it shows, block after block',
      async () => {
        const ran = [
          ...(await reader().follow('docs/quick-start.md')),
          ...(await reader().follow(`docs/recipes/${name}.md`)),
        ];

        expect(ran.map(asShown)).toEqual(ran.map(() => 'as shown'));
      },
      installationMs,
    );
  },
);

describe('whoever follows the recipe openai after the quick start', () => {
  const stopLater = useStops();
  const reader = useReader();

  it(
    'sees what it shows, block after block',
    async () => {
      const openai = stopLater(await startRecordingUpstream());
      chat(openai);
      const origin = 'origin: https://api.openai.com';
      const replace = { [origin]: `origin: ${openai.origin}\n    plaintext: loopback` };
      const ran = [
        ...(await reader().follow('docs/quick-start.md')),
        ...(await reader().follow('docs/recipes/openai.md', { replace })),
      ];

      expect(ran.map(asShown)).toEqual(ran.map(() => 'as shown'));
      const credentials = openai.seen.map(({ headers }) => headers.authorization);
      expect(credentials).toEqual(Array(3).fill('Bearer sk-proj-ofTheReader'));
    },
    installationMs,
  );
});

/** Answers as OpenAI does: in parts where it is asked to. */
function chat(openai: RecordingUpstream): void {
  openai.answerWith((_request, response, body) => {
    const { stream = false } = JSON.parse(body);
    if (!stream) {
      response.setHeader('Content-Type', 'application/json');
      response.end('{"id":"chatcmpl-1","object":"chat.completion","choices":[]}');
      return;
    }
    response.setHeader('Content-Type', 'text/event-stream');
    for (const word of ['A', ' mathematician', '.']) {
      const chunk = {
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content: word } }],
      };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  });
}

describe('whoever follows the recipe directus-cloud with a Directus that trusts no proxy', () => {
  const reader = useReader({ directus: { IP_TRUST_PROXY: 'false' } });

  it(
    'sees what it shows, block after block',
    async () => {
      const ran = await reader().follow('docs/recipes/directus-cloud.md');

      expect(ran.map(asShown)).toEqual(ran.map(() => 'as shown'));
    },
    installationMs,
  );
});

describe('whoever follows it with a Directus that has no WebSockets', () => {
  const reader = useReader({ directus: { IP_TRUST_PROXY: 'false', WEBSOCKETS_ENABLED: 'false' } });

  it(
    'is told so by check, as it shows',
    async () => {
      const without = readPage('docs/recipes/directus-cloud.md').flatMap((block): Block[] => {
        if (block.mark.kind === 'file') return [block];
        if (block.text.startsWith('npx directus-gateway init')) return [{ ...withoutAnswer(block), mark: faulty }];
        return block.mark.kind === 'not run' && block.answer !== undefined ? [{ ...block, mark: faulty }] : [];
      });
      const ran = await reader().run(without);

      expect(ran.map(asShown)).toEqual(['as shown', 'as shown']);
    },
    installationMs,
  );
});

const faulty: Mark = { kind: 'ends', code: 1 };
const withoutAnswer = ({ answer: _none, ...block }: Block): Block => block;
