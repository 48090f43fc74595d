import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DirectusVersion, installDirectus } from '../../../demo/directus/install.ts';

const manifest = {
  name: 'directus-extension-guides',
  version: '1.0.0',
  type: 'module',
  'directus:extension': { type: 'endpoint', path: 'extension.js', source: 'extension.js', host: '>=10' },
};

/** Into the folder that a Directus is about to be started in. It takes axios as Directus brings it. */
export async function addExtension(version: DirectusVersion, folder: string): Promise<void> {
  const install = await installDirectus(version);
  const extension = join(folder, 'extensions', manifest.name);
  await mkdir(join(extension, 'node_modules'), { recursive: true });
  await writeFile(join(extension, 'package.json'), JSON.stringify(manifest));
  await copyFile(join(import.meta.dirname, 'extension.js'), join(extension, 'extension.js'));
  await symlink(join(install, 'node_modules/axios'), join(extension, 'node_modules/axios'));
  await symlink(join(import.meta.dirname, '../../../node_modules/stripe'), join(extension, 'node_modules/stripe'));
}
