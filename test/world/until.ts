/** Lets a test wait for a condition that is checked whenever something has happened, instead of sleeping. */
export function until() {
  const waiting = new Set<() => void>();
  return {
    /** Something has happened. */
    check: (): void => {
      for (const look of waiting) look();
    },
    /** Resolves as soon as the condition holds. */
    holds: (condition: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
