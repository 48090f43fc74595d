type Running = { stop(): Promise<void> };

/** Stops whatever was started for a work when it is over, the last first. */
export async function whileRunning<Result>(
  work: (start: <Started extends Running>(starting: Promise<Started>) => Promise<Started>) => Promise<Result>,
): Promise<Result> {
  const running: Running[] = [];
  const start = async <Started extends Running>(starting: Promise<Started>): Promise<Started> => {
    const started = await starting;
    running.push(started);
    return started;
  };
  try {
    return await work(start);
  } finally {
    for (const each of running.toReversed()) await each.stop();
  }
}
