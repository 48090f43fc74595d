/** Where progress is shown: a terminal beside the one that holds the answer. */
export type Screen = { readonly isTTY?: boolean | undefined; write(text: string): unknown };

/**
 * Says in a terminal what is waited for, where that takes longer than a moment, and wipes it away again. Machines, and
 * files, see nothing of it.
 * @param afterMs milliseconds that count as a moment
 */
export async function showProgress<Result>(
  what: string,
  work: () => Promise<Result>,
  screen: Screen = process.stderr,
  afterMs = 400,
): Promise<Result> {
  if (screen.isTTY !== true) return await work();
  let isShown = false;
  const timer = setTimeout(() => {
    isShown = true;
    screen.write(`${what} …`);
  }, afterMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    if (isShown) screen.write(wipe);
  }
}

/** To the beginning of the line, and nothing in it (ECMA-48: CR, EL). */
const wipe = '\r\u001b[K';
