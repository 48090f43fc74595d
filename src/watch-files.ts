import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import type { Reloading } from './reloading.ts';

/**
 * Sets up anew when a file changes. Looks at them once a second, as mounted ones are replaced in ways that no event tells
 * of (a Kubernetes ConfigMap is a link that changes, an editor writes a new file).
 */
export function watchFiles({ files, reload }: Pick<Reloading, 'files' | 'reload'>, logger: Logger): () => void {
  const watched = new Set<string>();
  const onChange = (file: string) => {
    logger.info({ file }, 'changed');
    reload();
    watch();
  };
  const watch = () => {
    for (const file of ['.env', ...files()]) {
      if (watched.has(file)) continue;
      watched.add(file);
      watchFile(file, { interval: 1_000, persistent: false }, (is, was) => {
        if (is.mtimeMs !== was.mtimeMs || is.ino !== was.ino || is.size !== was.size) onChange(file);
      });
    }
  };
  watch();
  return () => {
    for (const file of watched) unwatchFile(file);
  };
}
