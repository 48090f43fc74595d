import { describe, expect, it } from '@jest/globals';
import { installationMs } from '../world/live-world.ts';
import { asShown } from './as-shown.ts';
import { useReader } from './use-reader.ts';

describe('whoever follows the quick start with their own Directus', () => {
  const reader = useReader();

  it(
    'sees what it shows, block after block',
    async () => {
      const ran = await reader().follow('docs/quick-start.md');

      expect(ran.map(asShown)).toEqual(ran.map(() => 'as shown'));
    },
    installationMs,
  );
});
