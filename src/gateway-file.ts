import type { z } from 'zod';
import type { declarationSchema, fileSchema } from './upstreams/declaration.ts';

/** An upstream of gateway.yaml. What a packaged one (stripe, twilio) has already may be left out. */
export type DeclaredUpstream = Partial<z.input<ReturnType<typeof declarationSchema>>>;

/** The content of gateway.yaml, for programs that write one. gateway.schema.json is the same for editors. */
export type GatewayFile = Omit<z.input<typeof fileSchema>, 'upstreams'> & {
  readonly upstreams: Readonly<Record<string, DeclaredUpstream>>;
};
