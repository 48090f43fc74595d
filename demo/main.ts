import { freePort } from './free-port.ts';
import { startGateway } from './gateway.ts';
import { createReport } from './report.ts';
import { readSettings } from './settings.ts';
import { corsForSpa } from './spa.ts';
import { describeTour } from './tour.ts';
import { warnOfKeys } from './warn-of-keys.ts';
import { startWorld } from './world.ts';

/** What shells answer for a program that was interrupted. */
const INTERRUPTED = 130;
const LOOK_FOR_NPM_EVERY_MS = 500;

/** The whole system on this machine: a real Directus, stand-ins for Stripe and Twilio (or the real ones), the gateway. */
async function runDemo(): Promise<void> {
  // While things start, and for whoever cannot wait for them to stop: what runs is killed as this process exits.
  const leave = () => process.exit(INTERRUPTED);
  let interrupt: () => void = leave;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt());
  whenNpmIsGone(() => interrupt());

  const settings = await readSettings();
  const warning = warnOfKeys(settings);
  if (warning !== undefined) console.error(warning);
  // Before an installation that takes minutes.
  await freePort(settings.gatewayPort, 'PORT');
  const world = await startWorld({
    version: '11.17.4',
    port: settings.directusPort,
    env: corsForSpa,
    report: createReport(),
  });
  const gateway = await startGateway(world, settings).catch(async (error: unknown) => {
    await world.stop();
    throw error;
  });
  console.log(describeTour(world, settings, gateway.url));

  const interrupted = new Promise<undefined>((resolve) => {
    interrupt = () => resolve(undefined);
  });
  const fault = await Promise.race([
    interrupted,
    gateway.died.then((how) => `The gateway ended with ${how}.`),
    world.directus.died.then((how) => `Directus ended with ${how}.\n${world.directus.logs()}`),
  ]);
  interrupt = leave;
  await gateway.stop();
  await world.stop();
  if (fault !== undefined) throw new Error(fault);
}

/** npm passes a SIGTERM on to the shell between us, which ends without passing it on. */
function whenNpmIsGone(act: () => void): void {
  const shell = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  const look = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(look);
    act();
  }, LOOK_FOR_NPM_EVERY_MS);
  look.unref();
}

try {
  await runDemo();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
