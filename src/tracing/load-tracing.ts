import type { Logger } from 'pino';
import { passingOn, type Tracing } from './tracing.ts';
import { type TracingVariables, tracingSettings } from './tracing-settings.ts';

/** How this process traces. What spans are made with is loaded only where they are wanted. */
export async function loadTracing(variables: TracingVariables, logger: Logger): Promise<Tracing> {
  const settings = tracingSettings(variables);
  if (settings === undefined) return passingOn;
  const [{ createTracing }, { createExporting }] = await Promise.all([
    import('./create-tracing.ts'),
    import('./exporting.ts'),
  ]);
  return createTracing(createExporting(settings, logger));
}
