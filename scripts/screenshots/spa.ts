import { freePort } from '../../demo/free-port.ts';
import type { World } from '../../demo/world.ts';
import { startSpa } from '../../test/browser/start-spa.ts';
import { sendMessage, signInAt } from '../../test/browser/visitor.ts';
import { boxOf, type Camera } from './camera.ts';

/** Less sharp than the others: the picture is a large one. */
const screen = { viewport: { width: 1100, height: 700 }, deviceScaleFactor: 1.5 };

/** The picture of examples/spa: what somebody sees who may look at payments, and may not send the message that they have sent. */
export async function takeSpa(camera: Camera, world: World, gatewayUrl: string): Promise<void> {
  const { directus, personas, twilio } = world;
  const addresses = { directusUrl: directus.url, gatewayUrl, twilioAccountSid: twilio.accountSid };
  const app = await startSpa({ mode: 'session', ...addresses }, await freePort(undefined, 'PORT'));
  try {
    const context = await camera.newVisitor(screen);
    const page = await context.newPage();
    await signInAt(page, app.url, personas.reader);
    await page.getByText('250 payments').waitFor();
    await sendMessage(page, 'Hello from the app');
    await page.locator('#message .decides').waitFor();
    const { y, height } = await boxOf(page.locator('main'), 20);
    await camera.take(page, 'examples/spa/screenshot.png', {
      x: 0,
      y: 0,
      width: screen.viewport.width,
      height: y + height,
    });
    await context.close();
  } finally {
    await app.stop();
  }
}
