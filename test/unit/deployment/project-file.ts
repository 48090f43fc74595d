import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const PROJECT = join(import.meta.dirname, '..', '..', '..');

/** @param name relative to the project's folder */
export const readProjectFile = (name: string): string => readFileSync(join(PROJECT, name), 'utf8');

/** @param name relative to the project's folder */
export const isInProject = (name: string): boolean => existsSync(join(PROJECT, name));
