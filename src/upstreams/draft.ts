import type { DeclaredFile } from './declared-file.ts';

/** An upstream before it is understood, and where each of its members stands. */
export type Draft = {
  readonly name: string;
  readonly members: Readonly<Record<string, unknown>>;
  readonly locate: DeclaredFile['locate'];
};

/** A member that should be a list; whether it is one is told elsewhere. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
