import { join } from 'node:path';
import { findProgram } from './find-program.ts';

/** Without what every system has, and without graphics drivers and the toolkits that it can do without. */
const wanted =
  /^(chromium|chromium-common|fonts-(liberation|dejavu-core)|fontconfig-config|lib(?!c6|c-|gcc|stdc\+\+|gl1-mesa-dri|llvm|z3|qt|gtk-4|perl)[\w.+-]+)$/;

/** A real browser, headless, with fonts. */
export const findChromium = () =>
  findProgram({
    name: 'chromium',
    path: '/usr/lib/chromium/chromium',
    versionArgument: '--version',
    packages: ['chromium', 'fonts-liberation', 'fonts-dejavu-core', 'fontconfig-config'],
    wanted,
    environment: (folder) => ({
      FONTCONFIG_FILE: join(folder, 'etc/fonts/fonts.conf'),
      XDG_DATA_HOME: join(folder, 'usr/share'),
    }),
  });
