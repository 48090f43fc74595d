import type { Logger } from 'pino';
import { rememberedMs } from '../authenticate/remembered-ms.ts';
import type { Setup } from '../read-setup.ts';
import { summary } from '../reloading.ts';
import { styleOf } from '../serve.ts';
import { aspectsOf } from './aspects.ts';

/**
 * Says, once, that the gateway listens, and in five lines what is on, what is off and why: as text for people, and as
 * facts for machines.
 * @param workers how many processes serve, where there are several
 */
export function tellStart(logger: Logger, setup: Setup, workers?: number): void {
  const { variables } = setup;
  const { HOST: host, PORT: port, PERMISSIONS_TTL: ttl, DIRECTUS_TOKEN } = variables;
  const logStyle = styleOf(variables);
  const remembered = {
    heardMs: rememberedMs(ttl, 'now'),
    otherwiseMs: rememberedMs(ttl, DIRECTUS_TOKEN === undefined ? 'never' : 'not now'),
  };
  const aspects = aspectsOf(setup, { workers: workers ?? 1, logStyle, remembered });
  if (logStyle === 'pretty') {
    logger.info(`listening on ${host}:${port}`);
    for (const { name, text } of aspects) logger.info(`${`${name}:`.padEnd(widest)} ${text}`);
    return;
  }
  logger.info({ host, port, ...(workers !== undefined && { workers }), ...summary(setup) }, 'listening');
  for (const { name, facts } of aspects) logger.info(facts, name);
}

const widest = 'permissions:'.length;
